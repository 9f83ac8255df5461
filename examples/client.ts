// A client of fastapi_service.py: creates a job, polls it to its end, and tries what is not allowed.
// It writes a line of JSON for each exchange.
//
// Run: node examples/client.ts http://127.0.0.1:8000 (from Node 22.18; compiled for an older one)

import { DecodeError, isTerminal, reviveJobStatus } from '../contract/JobStatus.ts';
import type { JobStatus } from '../contract/JobStatus.ts';

declare const process: { argv: readonly string[] };

const service = process.argv[2] ?? 'http://127.0.0.1:8000';
const INTERVAL = 20; // milliseconds

interface Exchange {
  readonly step: string;
  readonly sent: string | null;
  readonly status: number;
  readonly type: string | null;
  readonly received: string;
}

async function exchange(
  step: string,
  method: string,
  path: string,
  sent: string | null = null,
): Promise<Exchange> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${service}${path}`, { method, headers, body: sent });
  const { status } = response;
  const type = response.headers.get('content-type');
  const done = { step, sent, status, type, received: await response.text() };
  console.log(JSON.stringify(done));
  return done;
}

function revive({ status, received }: Exchange): JobStatus {
  if (status >= 300) {
    throw new Error(`unexpected status ${status}: ${received}`);
  }
  const job = reviveJobStatus(JSON.parse(received));
  if (JSON.stringify(job) !== received) {
    throw new Error(`written otherwise here: ${JSON.stringify(job)}, there: ${received}`);
  }
  return job;
}

const path = '/jobs/report-1';
const estimatedCompletion = new Date('2026-11-23T15:40:00.123+01:00');
const wanted: JobStatus = { id: 'report-1', status: 'queued', estimatedCompletion };
let job = revive(await exchange('create', 'POST', '/jobs', JSON.stringify(wanted)));

while (!isTerminal(job.status)) {
  job = revive(await exchange('poll', 'GET', path));
  await new Promise((resolve) => setTimeout(resolve, INTERVAL));
}

await exchange('illegal', 'PUT', path, JSON.stringify({ id: job.id, status: 'processing' }));

const BAD_BODIES: readonly unknown[] = [
  {},
  [],
  'report-1',
  { id: 'report-2', status: 'canceled' },
  { id: 2, status: 'queued', progress: 100.5, estimatedCompletion: '2026-02-30', error: null },
  { id: 'report-2', status: 'queued', progress: '40', estimatedCompletion: '2026-11-23T14:40' },
  { id: 'report-2', status: 'queued', estimatedCompletion: Date.UTC(2026, 10, 23) },
];

for (const body of BAD_BODIES) {
  const { status, received } = await exchange('bad', 'POST', '/jobs', JSON.stringify(body));
  const { detail } = JSON.parse(received) as { detail: { type: string; ctx: { pointer: string } }[] };
  const theirs = detail.map(({ type, ctx }) => `${ctx.pointer} ${type}`);
  if (status !== 422 || theirs.join() !== problems(body).join()) {
    throw new Error(`here: ${problems(body).join()}, there: ${status} ${theirs.join()}`);
  }
}

function problems(body: unknown): string[] {
  try {
    reviveJobStatus(body);
  } catch (error) {
    if (error instanceof DecodeError) {
      return error.problems.map(({ pointer, code }) => `${pointer} ${code}`);
    }
    throw error;
  }
  return [];
}
