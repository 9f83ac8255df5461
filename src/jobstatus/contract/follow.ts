// Following a job over HTTP, as a client of jobstatus.fastapi.status_router.
//
// jobstatus.contract.typescript() appends it to the rest. It uses what browsers and Node have in
// common, and declares it itself, so that the module compiles without the types of either.

// The other parts define these. The declarations let this file compile on its own.
type JobState = 'queued' | 'processing';
interface JobStatus {
  status: JobState;
  progress?: number;
}
type ReadingOptions = object;
declare const TRANSITIONS: Readonly<Record<JobState, readonly JobState[]>>;
declare function excerpt(value: unknown): string;
declare function isTerminal(state: JobState): boolean;
declare function reviveJobStatus(value: unknown, options?: ReadingOptions): JobStatus;
// typescript() drops everything down to this line.

interface Signal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: { getReader(): Reader } | null;
}

interface Question {
  readonly headers: Readonly<Record<string, string>>;
  readonly credentials: Credentials;
  readonly signal: Signal;
}

type Credentials = 'include' | 'omit' | 'same-origin';

declare const fetch: (url: string, question: Question) => Promise<Answer>;
declare const AbortController: new () => {
  readonly signal: Signal;
  abort(reason?: unknown): void;
};
declare const TextDecoder: new () => {
  decode(bytes?: Uint8Array, options?: { readonly stream: boolean }): string;
};
declare const setTimeout: (call: () => void, milliseconds: number) => unknown;
declare const clearTimeout: (timer: unknown) => void;

/** How to follow a job. */
export interface FollowOptions extends ReadingOptions {
  /** Ends the loop with its reason, such as `AbortSignal.timeout(600_000)`. */
  readonly signal?: Signal | undefined;
  /** Headers of each request, such as `Authorization`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Whether cookies go to another origin; by default, to the same origin only. */
  readonly credentials?: Credentials | undefined;
}

/** The service answered with an error that another request would get, too, such as 404. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;

  constructor(url: string, status: number) {
    super(`expected a job from ${excerpt(url)}, got the status ${String(status)}`);
    this.status = status;
  }
}

const MAX_CHARACTERS = 1_048_576; // of one event, or one answer
const SILENCE = 60_000; // milliseconds, after which a connection is taken for dead
const FIRST_SILENCE = 10_000; // the same, before the first event: a proxy may hold events back
const MIN_PAUSE = 100; // milliseconds
const MAX_PAUSE = 300_000;
const TRANSIENT: readonly number[] = [429, 502, 503, 504];

/**
 * Yield each change of a job once, never backwards, up to its end.
 *
 * It reads the server-sent events at `{url}/events`, goes on after the last one if it is cut off,
 * and asks again and again where there are no events. After the first answer, a lost connection is
 * no error: it waits for the service. Leave the loop to stop.
 *
 * @param url - The address of the job, such as `/jobs/42`.
 * @throws {HttpError} If the service refuses, for example because it does not know the job.
 * @throws {DecodeError} If an answer is not a valid JobStatus.
 * @throws The reason of the signal, if it is aborted.
 */
export async function* followJobStatus(
  url: string,
  options: FollowOptions = {},
): AsyncGenerator<JobStatus, void, undefined> {
  const { signal } = options;
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort(signal?.reason);
  };
  signal?.addEventListener('abort', abort);
  if (signal?.aborted === true) {
    abort();
  }
  try {
    yield* new Follower(url, options, controller.signal).jobs();
  } finally {
    signal?.removeEventListener('abort', abort);
    controller.abort(); // closes a connection that is open
  }
}

/** Nothing came for a time. */
class SilenceError extends TypeError {}

/** A version of a store: a number that grows, and the token of the creation. */
interface Version {
  readonly number: number;
  readonly creation: string;
}

class Follower {
  private readonly url: string;
  private readonly options: FollowOptions;
  private readonly signal: Signal;
  private readonly creations = new Set<string>();
  private last: JobStatus | undefined;
  private version: Version | undefined;
  private tag: string | undefined; // the last version as it was sent
  private request = new AbortController();
  private streams = true;
  private hasEnded = false;
  private failures = 0;
  private unchanged = 0;
  private retry = 1_000;
  private pause = 0; // milliseconds

  constructor(url: string, options: FollowOptions, signal: Signal) {
    this.url = url.split('#')[0] ?? '';
    this.options = options;
    this.signal = signal;
    signal.addEventListener('abort', () => {
      this.request.abort(signal.reason);
    });
  }

  async *jobs(): AsyncGenerator<JobStatus, void, undefined> {
    for (;;) {
      yield* this.streams ? this.stream() : this.poll();
      if (this.hasEnded) {
        return;
      }
      await this.sleep(Math.min(Math.max(this.pause, MIN_PAUSE), MAX_PAUSE));
    }
  }

  private async *stream(): AsyncGenerator<JobStatus, void, undefined> {
    const headers: Record<string, string> = { accept: 'text/event-stream' };
    if (this.tag !== undefined) {
      headers['last-event-id'] = this.tag;
    }
    const silence = this.last === undefined ? FIRST_SILENCE : SILENCE;
    try {
      const answer = await this.ask(eventsOf(this.url), headers, silence);
      if (answer === undefined) {
        yield* this.poll(); // the service may have no room for another stream
        return;
      }
      const type = answer.headers.get('content-type')?.toLowerCase() ?? '';
      if (answer.status !== 200 || !type.startsWith('text/event-stream')) {
        await answer.body?.getReader().cancel();
        this.hasEnded = answer.status === 204 && this.last !== undefined;
        this.streams = false;
        this.pause = 0;
        return;
      }
      this.pause = this.retry;
      for await (const { id, data, retry } of readEvents(answer, silence)) {
        this.retry = this.pause = retry ?? this.retry;
        if (data !== '') {
          yield* this.take(data, id);
        }
        if (this.hasEnded) {
          return;
        }
      }
    } catch (error) {
      if (error instanceof SilenceError && this.last === undefined && !this.signal.aborted) {
        this.streams = false; // a proxy holds the events back
        this.pause = 0;
        return;
      }
      this.throwUnlessCut(error);
    }
  }

  private async *poll(): AsyncGenerator<JobStatus, void, undefined> {
    const headers: Record<string, string> = { accept: 'application/json', prefer: 'wait=30' };
    if (this.tag !== undefined) {
      headers['if-none-match'] = `"${this.tag}"`;
    }
    let text = '';
    let answer: Answer | undefined;
    try {
      answer = await this.ask(this.url, headers, SILENCE);
      if (answer?.status === 200) {
        for await (const part of readText(answer, SILENCE)) {
          text += part;
          checkLength(text.length);
        }
      }
    } catch (error) {
      this.throwUnlessCut(error);
      return;
    }
    if (answer === undefined) {
      return;
    }
    this.unchanged += 1;
    if (answer.status === 200) {
      const version = /"([^"]*)"/.exec(answer.headers.get('etag') ?? '');
      yield* this.take(text, version?.[1]);
    } else if (answer.status !== 304) {
      await answer.body?.getReader().cancel();
      throw new HttpError(this.url, answer.status);
    }
    const hasWaited = answer.headers.get('preference-applied') !== null;
    this.pause = hasWaited ? 0 : Math.max(paceAfter(this.unchanged), retryAfter(answer));
  }

  /** Yield a job if it is news. */
  private *take(text: string, tag: string | undefined): Generator<JobStatus, void, undefined> {
    if (this.signal.aborted) {
      throw this.signal.reason;
    }
    const job = reviveJobStatus(JSON.parse(text), this.options);
    const { last } = this;
    const version = parseVersion(tag);
    const isEnd = isTerminal(job.status); // whatever its version, such as after a rollback
    if (last !== undefined && !isEnd && this.isOld(job, last, version)) {
      return;
    }
    if (version !== undefined) {
      this.creations.add(version.creation);
    }
    this.version = version;
    this.tag = tag !== undefined && /^[ -~]{1,256}$/.test(tag) ? tag : undefined;
    this.last = job;
    this.hasEnded = isEnd;
    if (JSON.stringify(job) !== JSON.stringify(last)) {
      this.unchanged = 0;
      yield job;
    }
  }

  private isOld(job: JobStatus, last: JobStatus, version: Version | undefined): boolean {
    const known = this.version;
    if (version === undefined || known === undefined) {
      return isBehind(job, last);
    }
    return version.creation === known.creation
      ? version.number <= known.number
      : this.creations.has(version.creation);
  }

  /** Ask once; return nothing if the service cannot answer now. */
  private async ask(
    url: string,
    headers: Readonly<Record<string, string>>,
    silence: number,
  ): Promise<Answer | undefined> {
    this.request.abort(); // the last one may be dead
    this.request = new AbortController();
    if (this.signal.aborted) {
      throw this.signal.reason;
    }
    const all: Record<string, string> = {};
    for (const [name, value] of Object.entries(this.options.headers ?? {})) {
      all[name.toLowerCase()] = value;
    }
    const { credentials = 'same-origin' } = this.options;
    const answer = await within(
      fetch(url, { headers: { ...all, ...headers }, credentials, signal: this.request.signal }),
      silence,
    );
    if (TRANSIENT.includes(answer.status)) {
      await answer.body?.getReader().cancel();
      this.fail(retryAfter(answer));
      return undefined;
    }
    this.failures = 0;
    return answer;
  }

  /** Wait longer after each failure in a row. */
  private fail(least: number): void {
    this.failures += 1;
    this.pause = Math.max(jitter(Math.min(500 * 2 ** this.failures, 30_000)), least);
  }

  /** Go on if only the connection was lost. */
  private throwUnlessCut(error: unknown): void {
    if (this.signal.aborted) {
      throw this.signal.reason;
    }
    if (this.last === undefined || !(error instanceof TypeError)) {
      throw error;
    }
    this.fail(0);
  }

  private async sleep(milliseconds: number): Promise<void> {
    const { signal } = this;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, signal.aborted ? 0 : milliseconds);
      signal.addEventListener('abort', wake);
    });
    if (signal.aborted) {
      throw signal.reason;
    }
  }
}

/** Wait for something, but not for ever. */
async function within<T>(asked: Promise<T>, silence: number): Promise<T> {
  let timer: unknown;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new SilenceError(`expected an answer within ${String(silence)} ms`));
    }, silence);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
    asked.catch(() => undefined); // nobody else handles what comes later
  }
}

/** Return the address of a job's events: the query stays at the end. */
function eventsOf(url: string): string {
  const [path = '', ...query] = url.split('?');
  return [`${path}/events`, ...query].join('?');
}

/** Return a version of jobstatus.fastapi, or nothing for another service's. */
function parseVersion(tag: string | undefined): Version | undefined {
  const [, number = '', creation = ''] = /^([0-9]{1,15})-(.+)$/.exec(tag ?? '') ?? [];
  return number === '' ? undefined : { number: Number(number), creation };
}

/** Return whether a job was seen earlier than the last one, as far as the lifecycle shows. */
function isBehind(job: JobStatus, last: JobStatus): boolean {
  if (job.status === last.status) {
    return (job.progress ?? 0) < (last.progress ?? 0);
  }
  const reached = new Set<JobState>([last.status]);
  for (const state of reached) {
    for (const next of TRANSITIONS[state]) {
      reached.add(next);
    }
  }
  return !reached.has(job.status);
}

/** Return milliseconds: a quarter of a second after a change, and up to ten seconds later. */
function paceAfter(unchanged: number): number {
  return jitter(Math.min(250 * 1.5 ** Math.min(unchanged, 64), 10_000));
}

/** Change a time by up to a tenth, so that not all clients come at once. */
function jitter(milliseconds: number): number {
  return milliseconds * (0.9 + 0.2 * Math.random());
}

/** Return the milliseconds of Retry-After, which has seconds or a date. */
function retryAfter(answer: Answer): number {
  const text = answer.headers.get('retry-after') ?? '0';
  const milliseconds = /^[0-9]+$/.test(text) ? 1_000 * Number(text) : Date.parse(text) - Date.now();
  return milliseconds > 0 ? milliseconds : 0; // and for NaN
}

function checkLength(length: number): void {
  if (length > MAX_CHARACTERS) {
    throw new RangeError(`expected at most ${String(MAX_CHARACTERS)} characters from the service`);
  }
}

/** Yield the text of an answer as it comes. */
async function* readText(
  answer: Answer,
  silence: number,
): AsyncGenerator<string, void, undefined> {
  const reader = answer.body?.getReader();
  if (reader === undefined) {
    return;
  }
  const decoder = new TextDecoder();
  let limit = silence;
  try {
    for (;;) {
      const { done, value } = await within(reader.read(), limit);
      if (done) {
        return;
      }
      yield decoder.decode(value, { stream: true });
      limit = SILENCE;
    }
  } finally {
    void reader.cancel().catch(() => undefined); // it may be lost already
  }
}

interface ServerEvent {
  readonly id: string | undefined;
  readonly data: string;
  readonly retry: number | undefined;
}

/** Yield the events of a stream (HTML Standard, "Interpreting an event stream"). */
async function* readEvents(
  answer: Answer,
  silence: number,
): AsyncGenerator<ServerEvent, void, undefined> {
  let rest = '';
  let lines: string[] = [];
  let length = 0;
  let id: string | undefined;
  let endsWithReturn = false;
  for await (const part of readText(answer, silence)) {
    // A CR ends a line. An LF after it, perhaps in the next part, belongs to it.
    const text = endsWithReturn && part.startsWith('\n') ? part.slice(1) : part;
    endsWithReturn = part.endsWith('\r');
    const [first = '', ...others] = text.split(/\r\n|\n|\r/);
    length += text.length;
    checkLength(length);
    const complete = others.length === 0 ? [] : [rest + first, ...others.slice(0, -1)];
    rest = others.at(-1) ?? rest + first;
    for (const line of complete) {
      if (line === '') {
        const event = parseEvent(lines);
        id = event.id ?? id;
        yield { ...event, id };
        lines = [];
        length = 0;
      } else {
        lines.push(line);
      }
    }
  }
}

function parseEvent(lines: readonly string[]): ServerEvent {
  const data: string[] = [];
  let id: string | undefined;
  let retry: number | undefined;
  let type = 'message';
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') {
      data.push(value);
    } else if (name === 'event' && value !== '') {
      type = value;
    } else if (name === 'id' && !value.includes('\0')) {
      id = value;
    } else if (name === 'retry' && /^[0-9]{1,6}$/.test(value)) {
      retry = Number(value);
    }
  }
  return { id, data: type === 'message' ? data.join('\n') : '', retry };
}
