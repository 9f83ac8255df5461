// What peer.mjs and revive.mjs share: how documents are parsed, and how questions are answered.

import { createInterface } from 'node:readline';

// The value of a document, as strict as JavaScript can be; throws if it is no JSON.
export function parse(base64) {
  const bytes = Buffer.from(base64, 'base64');
  return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
}

// A question a line, an answer a line, both JSON.
export async function serve(answers) {
  for await (const line of createInterface({ input: process.stdin })) {
    const [kind, question] = JSON.parse(line);
    process.stdout.write(`${JSON.stringify(answers[kind](question))}\n`);
  }
}
