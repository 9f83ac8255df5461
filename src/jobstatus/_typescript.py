"""What the generated TypeScript does: the part of it that depends on no field.

It says the same with the same codes as `_scalars`, `_states` and `dates`, in another language;
`tests/node` compares them. No parameter properties and no enums, so that engines which only strip
the types run it.
"""

from __future__ import annotations

from typing import Final

RUNTIME: Final = """\
/** One rule that one value broke. */
export interface Problem {
  /** A JSON Pointer (RFC 6901); the empty string is the whole value. */
  readonly pointer: string;
  readonly code: ProblemCode;
  /** For people: the field, what was expected, what came. */
  readonly message: string;
}

export type ProblemCode =
  | 'invalid_date'
  | 'missing'
  | 'no_offset'
  | 'null'
  | 'out_of_range'
  | 'unknown_state'
  | 'wrong_type';

/** A value that is no JobStatus; `problems` has all that is wrong, in the interface's order. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ pointer, code, message }) => `${pointer} ${code} ${message}`).join('; '));
    this.problems = problems;
  }
}

const LONGEST = 80;

function excerpt(value: unknown): string {
  if (Array.isArray(value)) {
    return 'an array';
  }
  if (typeof value === 'function' || (typeof value === 'object' && value !== null)) {
    return typeof value === 'function' ? 'a function' : 'an object';
  }
  const text =
    typeof value === 'string' ? JSON.stringify(value.slice(0, LONGEST + 1)) : String(value);
  const characters = [...text]; // of which none is half of a pair
  const cut = characters.slice(0, LONGEST - 3).join('');
  return characters.length > LONGEST ? `${cut}...` : text;
}

class Fault {
  readonly code: ProblemCode;
  readonly message: string;

  constructor(code: ProblemCode, expected: string, value: unknown) {
    this.code = code;
    this.message = `expected ${expected}, got ${excerpt(value)}`;
  }
}

type Rule<T> = (value: unknown) => T | Fault;

function parseText(value: unknown): string | Fault {
  return typeof value === 'string' ? value : new Fault('wrong_type', 'a string', value);
}

function isState(text: string): text is JobState {
  return Object.hasOwn(TRANSITIONS, text);
}

function parseState(value: unknown): JobState | Fault {
  if (typeof value !== 'string') {
    return new Fault('wrong_type', 'a string', value);
  }
  const names = Object.keys(TRANSITIONS).join(', ');
  return isState(value) ? value : new Fault('unknown_state', names, value);
}

function parseProgress(value: unknown): number | Fault {
  const expected = `a number from ${LEAST_PROGRESS} to ${MOST_PROGRESS}`;
  if (typeof value !== 'number') {
    return new Fault('wrong_type', expected, value);
  }
  if (value >= LEAST_PROGRESS && value <= MOST_PROGRESS) {
    return value + 0; // 0 for -0
  }
  return new Fault('out_of_range', expected, value);
}

// Engines differ on days that do not exist: some refuse them, some count on from the last one.
function isDay(year: string, month: string, day: string): boolean {
  const midnight = new Date(`${year}-${month}-${day}T00:00:00.000Z`);
  const exists = !Number.isNaN(midnight.getTime());
  return exists && midnight.toISOString().slice(5, 10) === `${month}-${day}`;
}

function isClock(hour: string, minute: string, second: string, fraction: string): boolean {
  const endsDay = hour === '24' && Number(minute + second + fraction) === 0;
  return (Number(hour) <= 23 || endsDay) && Number(minute) <= 59 && Number(second) <= 59;
}

function isOffset(offset: string): boolean {
  return offset === 'Z' || (Number(offset.slice(1, 3)) <= 23 && Number(offset.slice(4)) <= 59);
}

function parseDate(value: unknown): Date | Fault {
  if (typeof value !== 'string') {
    return new Fault('wrong_type', 'a string', value);
  }
  const match = DATE.exec(value);
  if (match === null) {
    return new Fault('invalid_date', 'a date like 2026-11-23T14:40:00.123Z', value);
  }
  const [, year = '', month = '01', day = '01', hour, minute = '', second = '', fraction = ''] =
    match;
  const offset = match[8] ?? (hour === undefined ? 'Z' : '');
  if (offset === '') {
    return new Fault('no_offset', 'a date with an offset, like 2026-11-23T14:40:00.123Z', value);
  }
  if (year === '-000000') {
    return new Fault('invalid_date', 'a year other than -000000', value);
  }
  if (Number(year) < 1 || Number(year) > 9999) {
    return new Fault('out_of_range', 'a year from 0001 to 9999', value);
  }
  const clock = isClock(hour ?? '', minute, second, fraction);
  const date = new Date(value);
  if (!isDay(year, month, day) || !clock || !isOffset(offset) || Number.isNaN(date.getTime())) {
    return new Fault('invalid_date', 'a day and a time that exist', value);
  }
  if (date.getTime() < FIRST || date.getTime() > LAST) {
    return new Fault('out_of_range', 'an instant in the years 0001 to 9999', value);
  }
  return date;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads the members of an object, and gathers what is wrong with them. */
class Reader {
  readonly problems: Problem[] = [];
  readonly #members: Record<string, unknown>;

  constructor(members: Record<string, unknown>) {
    this.#members = members;
  }

  required<T>(key: string, rule: Rule<T>): T | undefined {
    if (!Object.hasOwn(this.#members, key)) {
      const message = `${key}: expected a value, got no such key`;
      this.problems.push({ pointer: `/${key}`, code: 'missing', message });
      return undefined;
    }
    return this.#check(key, rule(this.#members[key]));
  }

  optional<T>(key: string, rule: Rule<T>): T | undefined {
    if (!Object.hasOwn(this.#members, key)) {
      return undefined;
    }
    const value = this.#members[key];
    const expected = 'a value or no key at all';
    return this.#check(key, value === null ? new Fault('null', expected, value) : rule(value));
  }

  #check<T>(key: string, parsed: T | Fault): T | undefined {
    if (!(parsed instanceof Fault)) {
      return parsed;
    }
    const { code, message } = parsed;
    this.problems.push({ pointer: `/${key}`, code, message: `${key}: ${message}` });
    return undefined;
  }
}
"""
