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
  readonly signal?: Signal;
  /** Headers of each request, such as `Authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether cookies go to another origin; by default, to the same origin only. */
  readonly credentials?: Credentials;
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
const SILENCE = 60_000; // milliseconds, after which a stream is taken for dead
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

class Follower {
  private readonly url: string;
  private readonly options: FollowOptions;
  private readonly signal: Signal;
  private last: JobStatus | undefined;
  private version: string | undefined;
  private streams = true;
  private hasEnded = false;
  private failures = 0;
  private unchanged = 0;
  private retry = 1_000;
  private pause = 0; // milliseconds

  constructor(url: string, options: FollowOptions, signal: Signal) {
    this.url = url;
    this.options = options;
    this.signal = signal;
  }

  async *jobs(): AsyncGenerator<JobStatus, void, undefined> {
    for (;;) {
      yield* this.streams ? this.stream() : this.poll();
      if (this.hasEnded) {
        return;
      }
      await this.sleep(this.pause);
    }
  }

  private async *stream(): AsyncGenerator<JobStatus, void, undefined> {
    const headers: Record<string, string> = { Accept: 'text/event-stream' };
    if (this.version !== undefined) {
      headers['Last-Event-ID'] = this.version;
    }
    const answer = await this.ask(eventsOf(this.url), headers);
    if (answer === undefined) {
      return;
    }
    const type = answer.headers.get('content-type') ?? '';
    if (answer.status !== 200 || !type.startsWith('text/event-stream')) {
      await answer.body?.getReader().cancel();
      this.hasEnded = answer.status === 204 && this.last !== undefined;
      this.streams = false;
      this.pause = 0;
      return;
    }
    this.pause = this.retry;
    try {
      for await (const { id, data, retry } of readEvents(answer)) {
        this.retry = this.pause = retry ?? this.retry;
        if (data !== undefined) {
          yield* this.take(data, id);
        }
        if (this.hasEnded) {
          return;
        }
      }
    } catch (error) {
      this.throwUnlessCut(error);
    }
  }

  private async *poll(): AsyncGenerator<JobStatus, void, undefined> {
    const headers: Record<string, string> = { Accept: 'application/json', Prefer: 'wait=30' };
    if (this.version !== undefined) {
      headers['If-None-Match'] = `"${this.version}"`;
    }
    const answer = await this.ask(this.url, headers);
    if (answer === undefined) {
      return;
    }
    this.unchanged += 1;
    if (answer.status !== 304) {
      if (answer.status !== 200) {
        await answer.body?.getReader().cancel();
        throw new HttpError(this.url, answer.status);
      }
      let text = '';
      try {
        for await (const part of readText(answer)) {
          text += part;
          checkLength(text);
        }
      } catch (error) {
        this.throwUnlessCut(error);
        return;
      }
      const version = /"([^"]*)"/.exec(answer.headers.get('etag') ?? '');
      yield* this.take(text, version?.[1]);
    }
    const hasWaited = answer.headers.get('preference-applied') !== null;
    this.pause = hasWaited ? 0 : Math.max(paceAfter(this.unchanged), retryAfter(answer));
  }

  /** Yield a job if it is news. */
  private *take(text: string, version: string | undefined): Generator<JobStatus, void, undefined> {
    const job = reviveJobStatus(JSON.parse(text), this.options);
    const { last } = this;
    const isOld =
      version === undefined || this.version === undefined
        ? last !== undefined && isBehind(job, last)
        : !isNewer(version, this.version);
    if (isOld) {
      return;
    }
    this.version = version;
    this.last = job;
    this.hasEnded = isTerminal(job.status);
    if (JSON.stringify(job) !== JSON.stringify(last)) {
      this.unchanged = 0;
      yield job;
    }
  }

  /** Ask once; return nothing if the service cannot answer now. */
  private async ask(
    url: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer | undefined> {
    let answer: Answer;
    const { credentials = 'same-origin' } = this.options;
    const all = { ...this.options.headers, ...headers };
    try {
      answer = await within(fetch(url, { headers: all, credentials, signal: this.signal }));
    } catch (error) {
      this.throwUnlessCut(error);
      return undefined;
    }
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

/** Wait for an answer, but not for ever: its connection may be dead. */
async function within(asked: Promise<Answer>): Promise<Answer> {
  let timer: unknown;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TypeError(`expected an answer within ${String(SILENCE)} ms`));
    }, SILENCE);
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

/** Return whether a version comes later. Versions of another creation are of another job. */
function isNewer(version: string, known: string): boolean {
  const [number, ...creation] = version.split('-');
  const [last, ...same] = known.split('-');
  return creation.join('-') === same.join('-') ? Number(number) > Number(last) : true;
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

function retryAfter(answer: Answer): number {
  const seconds = Number(answer.headers.get('retry-after') ?? 0);
  return Number.isFinite(seconds) ? 1_000 * seconds : 0;
}

function checkLength(text: string): void {
  if (text.length > MAX_CHARACTERS) {
    throw new RangeError(`expected at most ${String(MAX_CHARACTERS)} characters from the service`);
  }
}

/** Yield the text of an answer as it comes. It ends if nothing comes for a minute. */
async function* readText(answer: Answer): AsyncGenerator<string, void, undefined> {
  const reader = answer.body?.getReader();
  if (reader === undefined) {
    return;
  }
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const timer = setTimeout(() => void reader.cancel(), SILENCE);
      const { done, value } = await reader.read().finally(() => {
        clearTimeout(timer);
      });
      if (done) {
        return;
      }
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    await reader.cancel().catch(() => undefined); // it may be lost already
  }
}

interface ServerEvent {
  readonly id: string | undefined;
  readonly data: string | undefined;
  readonly retry: number | undefined;
}

/** Yield the events of a stream (HTML Standard, "Interpreting an event stream"). */
async function* readEvents(answer: Answer): AsyncGenerator<ServerEvent, void, undefined> {
  let rest = '';
  let lines: string[] = [];
  let length = 0;
  for await (const part of readText(answer)) {
    rest += part;
    // A final CR may be half of a CRLF.
    const complete = rest.split(/\r\n|\n|\r(?!$)/);
    rest = complete.pop() ?? '';
    checkLength(rest);
    for (const line of complete) {
      length += line.length;
      if (length > MAX_CHARACTERS) {
        checkLength(' '.repeat(length));
      }
      if (line === '') {
        yield parseEvent(lines);
        lines = [];
        length = 0;
      } else {
        lines.push(line);
      }
    }
  }
}

function parseEvent(lines: readonly string[]): ServerEvent {
  const values = new Map<string, string[]>();
  for (const line of lines) {
    const match = /^([^:]+)(?:: ?(.*))?$/s.exec(line);
    if (match !== null) {
      const [, name = '', value = ''] = match;
      values.set(name, [...(values.get(name) ?? []), value]);
    }
  }
  const retry = values.get('retry')?.at(-1) ?? '';
  return {
    id: values.get('id')?.at(-1),
    data: values.get('data')?.join('\n'),
    retry: /^[0-9]{1,6}$/.test(retry) ? Number(retry) : undefined,
  };
}
