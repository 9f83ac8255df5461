// The part of the generated TypeScript module that does not depend on the fields.
//
// jobstatus.contract.typescript() joins it with the generated part. It has the same rules and codes
// as validators.py and dates.py; tests/node compares them. It has no enums or parameter properties,
// because some engines run TypeScript by only removing the types.

// The generated part defines these constants and uses these functions. The declarations let this
// file compile on its own.
declare const MIN_PROGRESS: number;
declare const MAX_PROGRESS: number;
declare const MAX_EXCERPT: number;
declare const DATE: RegExp;
declare const NUMBER: RegExp;
export { parseDate, parseId, parseNumericText, parseProgress, parseStateIn, parseText, revive };
// typescript() drops everything down to this line.

/** A rule that a value broke. */
export interface Problem {
  /** A JSON Pointer (RFC 6901); the empty string is the whole value. */
  readonly pointer: string;
  readonly code: ProblemCode;
  /** The field, the expected value and the actual value, in English. */
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

/** What to accept besides the values of the interface. */
export interface ReadingOptions {
  /** A null in an optional member: an error (the default), or the same as no member. */
  readonly null?: 'reject' | 'absent';
  /** A number as an id: an error (the default); or, for a safe integer, the same as its text. */
  readonly ids?: 'text' | 'number';
  /** A string as a number: an error (the default); or, for one JSON number, that number. */
  readonly numbers?: 'number' | 'text';
}

/** The value is not a valid JobStatus. `problems` lists all problems, in the interface's order. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ code, message }) => `${message} [${code}]`).join('; '));
    this.problems = problems;
  }
}

/** Describe any value in at most MAX_EXCERPT characters. */
function excerpt(value: unknown): string {
  if (Array.isArray(value)) {
    return 'an array';
  }
  if (typeof value === 'function') {
    return 'a function';
  }
  if (typeof value === 'object' && value !== null) {
    return 'an object';
  }
  const text =
    typeof value === 'string' ? JSON.stringify(value.slice(0, MAX_EXCERPT + 1)) : String(value);
  const characters = Array.from(text); // code points, so that the cut splits no surrogate pair
  const cut = characters.slice(0, MAX_EXCERPT - 3).join('');
  return characters.length > MAX_EXCERPT ? `${cut}...` : text;
}

/** A failed check of a value, before its field is known. */
class Fault {
  readonly code: ProblemCode;
  readonly message: string;

  constructor(code: ProblemCode, message: string) {
    this.code = code;
    this.message = message;
  }
}

function fault(code: ProblemCode, expected: string, value: unknown): Fault {
  return new Fault(code, `expected ${expected}, got ${excerpt(value)}`);
}

/** A function that returns the normalised value, or a Fault. */
type Rule<T> = (value: unknown) => T | Fault;

function parseText(value: unknown): string | Fault {
  return typeof value === 'string' ? value : fault('wrong_type', 'a string', value);
}

function parseId(value: unknown): string | Fault {
  if (typeof value === 'string') {
    return value;
  }
  const most = Number.MAX_SAFE_INTEGER;
  const expected = `a string or an integer from ${String(-most)} to ${String(most)}`;
  if (typeof value !== 'number') {
    return fault('wrong_type', expected, value);
  }
  return Number.isSafeInteger(value) ? String(value) : fault('out_of_range', expected, value);
}

/** Return names joined by commas and a final "or". */
function alternatives(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].join(' or ');
}

function parseStateIn<T extends string>(states: readonly T[]): Rule<T> {
  return (value) => {
    if (typeof value !== 'string') {
      return fault('wrong_type', 'a string', value);
    }
    const found = states.find((state) => state === value);
    return found ?? fault('unknown_state', alternatives(states), value);
  };
}

const PROGRESS = `a number from ${String(MIN_PROGRESS)} to ${String(MAX_PROGRESS)}`;

function parseProgress(value: unknown): number | Fault {
  if (typeof value !== 'number') {
    return fault('wrong_type', PROGRESS, value);
  }
  if (value >= MIN_PROGRESS && value <= MAX_PROGRESS) {
    return value + 0; // turns -0 into 0
  }
  return fault('out_of_range', PROGRESS, value);
}

function parseNumericText(value: unknown): number | Fault {
  if (typeof value !== 'string' || !NUMBER.test(value)) {
    return parseProgress(value);
  }
  const parsed = parseProgress(Number(value));
  return parsed instanceof Fault ? fault(parsed.code, PROGRESS, value) : parsed;
}

const FIRST = Date.parse('0001-01-01T00:00:00.000Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');

// Engines differ on days that do not exist, such as 30 February: some reject them, others return a
// day in the next month.
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
    return fault('wrong_type', 'a string', value);
  }
  const match = DATE.exec(value);
  if (match === null) {
    return fault('invalid_date', 'a date like 2026-11-23T14:40:00.123Z', value);
  }
  const [, year = '', month = '01', day = '01', hour, minute = '', second = '', fraction = ''] =
    match;
  const offset = match[8] ?? (hour === undefined ? 'Z' : '');
  if (offset === '') {
    return fault('no_offset', 'a date with an offset, like 2026-11-23T14:40:00.123Z', value);
  }
  if (year === '-000000') {
    return fault('invalid_date', 'a year other than -000000', value);
  }
  if (Number(year) < 1 || Number(year) > 9999) {
    return fault('out_of_range', 'a year from 0001 to 9999', value);
  }
  const clock = isClock(hour ?? '', minute, second, fraction);
  const date = new Date(value);
  if (!isDay(year, month, day) || !clock || !isOffset(offset) || Number.isNaN(date.getTime())) {
    return fault('invalid_date', 'a day and time that exist', value);
  }
  if (date.getTime() < FIRST || date.getTime() > LAST) {
    return fault('out_of_range', 'an instant in the years 0001 to 9999', value);
  }
  return date;
}

/** The rule of each member of T. The types ensure that only optional members may be absent. */
type Fields<T> = {
  readonly [K in keyof T]-?: {
    readonly rule: Rule<Exclude<T[K], undefined>>;
    readonly optional: Partial<Pick<T, K>> extends Pick<T, K> ? true : false;
  };
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Return the value of a member, undefined for an absent optional member, or a Fault. */
function readMember<T>(
  members: Record<string, unknown>,
  key: string,
  rule: Rule<T>,
  optional: boolean,
  options: ReadingOptions,
): T | Fault | undefined {
  if (!Object.hasOwn(members, key)) {
    return optional ? undefined : new Fault('missing', 'required key is missing');
  }
  const value = members[key];
  if (optional && value === null) {
    return options.null === 'absent' ? undefined : fault('null', 'a value or no key', value);
  }
  return rule(value);
}

function revive<T extends object>(
  value: unknown,
  fields: Fields<T>,
  options: ReadingOptions,
): T {
  if (!isObject(value)) {
    const message = `payload: expected an object, got ${excerpt(value)}`;
    throw new DecodeError([{ pointer: '', code: 'wrong_type', message }]);
  }
  const problems: Problem[] = [];
  const revived: Partial<T> = {};
  for (const key in fields) {
    if (!Object.hasOwn(fields, key)) {
      continue; // a key that other code added to Object.prototype
    }
    const { rule, optional } = fields[key];
    const parsed = readMember(value, key, rule, optional, options);
    if (parsed instanceof Fault) {
      const { code, message } = parsed;
      problems.push({ pointer: `/${key}`, code, message: `${key}: ${message}` });
    } else if (parsed !== undefined) {
      revived[key] = parsed;
    }
  }
  if (problems.length > 0) {
    throw new DecodeError(problems);
  }
  return revived as T; // has all required members, because a missing one is a problem
}
