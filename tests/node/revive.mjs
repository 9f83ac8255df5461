// The Node side of reviver.py: the generated TypeScript, compiled, asked as peer.mjs is.

import { pathToFileURL } from 'node:url';
import { parse, serve } from './questions.mjs';

const { DecodeError, isTerminal, reviveJobStatus, TRANSITIONS } = await import(
  pathToFileURL(process.argv[2])
);

// What JSON.stringify writes for the job that a document holds, or what is wrong with it, or null
// if it is no JSON.
function revive([base64, options]) {
  let value;
  try {
    value = parse(base64);
  } catch {
    return null;
  }
  try {
    const job = reviveJobStatus(value, options);
    if (Object.hasOwn(job, 'estimatedCompletion') && !(job.estimatedCompletion instanceof Date)) {
      throw new TypeError('expected a Date');
    }
    if (Object.is(job.progress, -0)) {
      throw new TypeError('expected no negative zero');
    }
    return JSON.stringify(job);
  } catch (error) {
    if (!(error instanceof DecodeError) || !`${error}`.startsWith('DecodeError: ')) {
      throw error;
    }
    return error.problems.map(({ pointer, code, message }) => [pointer, code, message]);
  }
}

const ANSWERS = { revive, transitions: () => TRANSITIONS, terminal: isTerminal };

await serve(ANSWERS);
