// The Node side of peer.py.
//
// It knows of JSON.stringify, JSON.parse, TextDecoder, Date and the interface, and of nothing else.
// What JSON could blur travels in another form: a number as the sixteen hexadecimal digits of its
// double, a date as its milliseconds, a document as base64.

import { parse, serve } from './questions.mjs';

const toDouble = (digits) => Buffer.from(digits, 'hex').readDoubleBE();

function fromDouble(number) {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleBE(number);
  return buffer.toString('hex');
}

// What JSON.stringify writes for a job with these fields; those that are null are undefined.
function write({ id, status, progress, estimatedCompletion, error }) {
  return JSON.stringify({
    id,
    status,
    progress: progress === null ? undefined : toDouble(progress),
    estimatedCompletion: estimatedCompletion === null ? undefined : new Date(estimatedCompletion),
    error: error === null ? undefined : error,
  });
}

const isString = (value) => typeof value === 'string';
const INTERFACE = {
  id: isString,
  status: (value) => ['queued', 'processing', 'completed', 'failed', 'cancelled'].includes(value),
  progress: (value) => typeof value === 'number' && value >= 0 && value <= 100,
  estimatedCompletion: (value) =>
    (isString(value) || typeof value === 'number') && !Number.isNaN(new Date(value).getTime()),
  error: isString,
};
const REQUIRED = ['id', 'status'];

// The fields that a strict reader takes from a document, or null if it rejects it.
function read(base64) {
  let value;
  try {
    value = parse(base64);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return null;
  }
  const fields = {};
  for (const [key, belongs] of Object.entries(INTERFACE)) {
    if (!Object.hasOwn(value, key)) {
      if (REQUIRED.includes(key)) {
        return null;
      }
      fields[key] = null;
    } else if (belongs(value[key])) {
      fields[key] = value[key];
    } else {
      return null;
    }
  }
  const { progress, estimatedCompletion: written } = fields;
  return {
    ...fields,
    progress: progress === null ? null : fromDouble(progress),
    estimatedCompletion: written === null ? null : new Date(written).getTime(),
    written,
  };
}

// The milliseconds of the instant that new Date reads, or null if it reads none.
function date(text) {
  const time = new Date(text).getTime();
  return Number.isNaN(time) ? null : time;
}

const ANSWERS = { write, read, date };

await serve(ANSWERS);
