// Draws a lifecycle as SVG: a state diagram in Mermaid's notation, as Lifecycle.to_mermaid gives it,
// on standard input. Graphviz lays it out; the colours are those of the page, from _static/site.css.
import { readFileSync } from 'node:fs';
import { instance } from '@viz-js/viz';

const [kind, ...lines] = readFileSync(0, 'utf8').trim().split('\n');
if (kind !== 'stateDiagram-v2') throw new Error(`expected a state diagram, got ${kind}`);
const arcs = lines.map((line) => {
  const arc = /^ *(\w+|\[\*\]) --> (\w+|\[\*\])(?:: (.+))?$/.exec(line);
  if (arc === null) throw new Error(`expected an arc, got ${line}`);
  return arc.slice(1);
});

// In short lines of about the same length, which a phone shows large enough; the blanks keep them off
// their arcs.
function wrapped(reason = '') {
  const width = reason.length / Math.ceil(reason.length / 14) + 2;
  const lines = [''];
  for (const word of reason.split(' ')) {
    if (`${lines.at(-1)} ${word}`.length > width) lines.push(word);
    else lines.push(`${lines.pop()} ${word}`.trim());
  }
  return lines.map((line) => `\u00a0${line}`).join('\n');
}

const nodes = new Map();
const edges = [];
for (const [tail, head, reason] of arcs) {
  if (head === '[*]') {
    nodes.set(tail, { name: tail, attributes: { peripheries: 2 } });
    continue;
  }
  if (!nodes.has(tail)) nodes.set(tail, { name: tail });
  if (!nodes.has(head)) nodes.set(head, { name: head });
  edges.push({ tail, head, attributes: { label: wrapped(reason) } });
}
nodes.set('[*]', { name: '[*]', attributes: { shape: 'point', width: 0.15 } });

const final = arcs.filter(([, head]) => head === '[*]').map(([tail]) => ({ name: tail }));
const graph = {
  graphAttributes: { bgcolor: 'transparent', nodesep: 0.2, ranksep: 0.35 },
  nodeAttributes: { shape: 'box', style: 'rounded', fontname: 'Helvetica', fontsize: 15 },
  edgeAttributes: { fontname: 'Helvetica', fontsize: 13 },
  nodes: [...nodes.values()],
  edges,
  subgraphs: [{ name: 'ends', graphAttributes: { rank: 'same' }, nodes: final }],
};
const viz = await instance();
const svg = viz.renderString(graph, { format: 'svg' });
const label = 'The states of a job, and the transitions between them with their reasons';
process.stdout.write(
  svg
    .slice(svg.indexOf('<svg'))
    .replace('<svg', `<svg role="img" aria-label="${label}"`)
    .replace(/<title>[^]*?<\/title>\n/g, ''),
);
