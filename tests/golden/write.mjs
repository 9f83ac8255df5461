// Wrote the wire files beside it, a payload each and then all of them together:
//
//     node tests/golden/write.mjs tests/golden/v1
//
// They are never written again: what is there has been on a wire, and must be readable for ever. New
// kinds of payloads go into a v2. Nothing here spells JSON: JSON.stringify does.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [directory] = process.argv.slice(2);
const STATES = ['queued', 'processing', 'completed', 'failed', 'cancelled'];
const eta = new Date(Date.UTC(2026, 10, 23, 14, 40, 0, 123));

const jobs = new Map();

for (const status of STATES) {
  for (let subset = 0; subset < 8; subset += 1) {
    const job = { id: 'job-42', status };
    if (subset & 1) job.progress = 40;
    if (subset & 2) job.estimatedCompletion = eta;
    if (subset & 4) job.error = 'no space left on device';
    jobs.set(['state', ...Object.keys(job).slice(1)].join('-').replace('status', status), job);
  }
}

const decimals = [0.1, 0.2, 0.1 + 0.2, 1 / 3, 2 / 3, 100 / 3, 200 / 3, 0.5, 2.5, 33.3, 99.9, 99.99999999999999];
const powers = Array.from({ length: 20 }, (_, n) => Number(`1e-${n}`));
const layouts = [1.5e-6, 1.5e-7, 1.25e-10, 9.999999999999999e-7, 1.0000000000000002e-7, 1.1e-5, 123456e-9];
const smallest = [5e-324, 1e-323, 2.2250738585072014e-308, 2.225073858507201e-308, 1e-300, 1e-100, 2 ** -1074, 2 ** -52];
const whole = [-0, 1, 2, 3, 7, 10, 25, 33, 50, 64, 66, 75, 90, 98, 99, 100];
const near = [1 - 2 ** -53, 1 + 2 ** -52, 10 - 2 ** -50, 10 + 2 ** -49, 64 - 2 ** -47, 100 - 2 ** -46];
for (const progress of [...decimals, ...powers, ...layouts, ...smallest, ...whole, ...near]) {
  jobs.set(`progress-${progress}`, { id: 'number', status: 'processing', progress });
}

const moments = [
  '0001-01-01T00:00:00.000Z', '0001-12-31T23:59:59.999Z', '0099-06-15T12:00:00.500Z', '0999-01-01T00:00:00.001Z',
  '1000-01-01T00:00:00.000Z', '1582-10-04T23:59:59.999Z', '1582-10-15T00:00:00.000Z', '1600-02-29T12:00:00.000Z',
  '1883-11-18T17:00:00.000Z', '1899-12-31T23:59:59.999Z', '1900-02-28T23:59:59.999Z', '1900-03-01T00:00:00.000Z',
  '1969-12-31T23:59:59.999Z', '1970-01-01T00:00:00.000Z', '1970-01-01T00:00:00.001Z', '2000-02-29T00:00:00.000Z',
  '2001-09-09T01:46:40.000Z', '2016-12-31T23:59:59.999Z', '2024-02-29T23:59:59.999Z', '2026-03-08T07:00:00.000Z',
  '2038-01-19T03:14:07.999Z', '2038-01-19T03:14:08.000Z', '2100-02-28T23:59:59.999Z', '2400-02-29T00:00:00.000Z',
  '9999-01-01T00:00:00.000Z', '9999-12-31T23:59:59.998Z', '9999-12-31T23:59:59.999Z',
].map((text) => new Date(text));
for (let month = 0; month < 12; month += 1) {
  moments.push(new Date(Date.UTC(2026, month + 1, 0, month, month * 5, month * 5, month * 90)));
}
for (const milliseconds of [1, 9, 10, 11, 99, 100, 101, 110, 120, 500, 900, 990, 999]) {
  moments.push(new Date(Date.UTC(2026, 10, 23, 14, 40, 0, milliseconds)));
}
for (const estimatedCompletion of moments) {
  const name = estimatedCompletion.toISOString().replaceAll(':', '');
  jobs.set(`date-${name}`, { id: 'date', status: 'queued', estimatedCompletion });
}

const hex = (unit) => unit.toString(16).padStart(4, '0');
const units = [
  ...Array.from({ length: 0x21 }, (_, n) => n), 0x22, 0x27, 0x2f, 0x3c, 0x5c, 0x7f, 0x80, 0x85, 0xa0, 0xad, 0xe9,
  0xff, 0x100, 0x7ff, 0x800, 0x200b, 0x2028, 0x2029, 0x202e, 0x3042, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000,
  0xfeff, 0xfffd, 0xfffe, 0xffff,
];
for (const unit of units) {
  const text = String.fromCharCode(unit);
  jobs.set(`unit-${hex(unit)}`, { id: text, status: 'failed', error: `before${text}after` });
}
const texts = {
  empty: '',
  escapes: '\b\t\n\f\r"\\/',
  escaped: '\\u0041 \\n \\\\ \\"',
  astral: '\u{10000} \u{1f600} \u{1f469}\u{200d}\u{1f680} \u{10ffff}',
  combining: 'e\u0301 \u00e9',
  pairSwapped: '\ude00\ud83d',
  pairThenHigh: '\ud83d\ude00\ud83d',
  highTwiceThenLow: '\ud83d\ud83d\ude00',
  lowsAndHighs: '\udc00\udfff\ud800\udbff',
  highBeforeLetter: '\ud83dude00',
  rightToLeft: '\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627',
  json: '{"id":"a","status":"queued"}',
  html: '</script><!-- & -->',
  path: 'C:\\temp\\n.txt',
  stack: 'Error: ENOENT\n    at open (fs.js:1:1)\n\tat main',
  long: 'x'.repeat(10_000),
};
for (const [name, text] of Object.entries(texts)) {
  jobs.set(`text-${name}`, { id: text, status: 'cancelled', error: text });
}
jobs.set('all', { id: 'job/4~\u2028', status: 'processing', progress: 1e-7, estimatedCompletion: eta, error: 'a\ud800' });

for (const [name, job] of jobs) {
  writeFileSync(join(directory, `${name}.json`), JSON.stringify(job));
}
const all = [...jobs.values()];
writeFileSync(join(directory, 'array.json'), JSON.stringify(all));
writeFileSync(join(directory, 'lines.ndjson'), all.map((job) => `${JSON.stringify(job)}\n`).join(''));
