import { fromPromise, Semaphore, sleep, timeout, type Duration } from "tsyncio";
import { backoff } from "./backoff.ts";
import type { Answer, Client } from "./client.ts";
import type { Job, Outcome, Reading } from "./job.ts";
import { Paces } from "./pace.ts";
import { UnreadableError, type Source } from "./source.ts";
import type { Tally } from "./tally.ts";
import { asTrouble, checkStatus, Trouble } from "./trouble.ts";

export interface FetcherOptions {
  readonly client: Client;
  readonly sources: readonly Source[];
  readonly tally: Tally;
  /** Requests in flight, to all servers together. */
  readonly concurrency: number;
  /** Requests in flight to one server. Default: `concurrency`. */
  readonly perServer?: number;
  /** For a whole answer. */
  readonly timeout: Duration;
  /** How often a job is tried again after a fault. Default 6. */
  readonly retries?: number;
  /** What the URLs of jobs are relative to. */
  readonly base?: string;
}

/** What a URL gave in the end. */
export interface Found<T> {
  /** Undefined when it was given up. */
  readonly value: T | undefined;
  readonly trouble: Trouble | undefined;
  readonly requests: number;
  readonly retried: readonly string[];
}

const MOST_RETRIES = 6;
/** Being told to come later is no fault, and has a limit of its own. */
const MOST_POSTPONEMENTS = 40;

/** Fetches jobs: at the pace of each server, within the limits, again and again where that may help. */
export class Fetcher {
  readonly #options: FetcherOptions;
  readonly #sources: ReadonlyMap<string, Source>;
  readonly #permits: Semaphore;
  readonly #paces: Paces;

  constructor(options: FetcherOptions) {
    this.#options = options;
    this.#sources = new Map(options.sources.map((source) => [source.name, source]));
    this.#permits = new Semaphore(options.concurrency);
    this.#paces = new Paces(options.perServer ?? options.concurrency);
  }

  /** Fetches a job and reads the answer. A job that is given up is an outcome too. */
  async fetch(job: Job): Promise<Outcome> {
    const source = this.#sources.get(job.source)!;
    const { value, trouble, requests, retried } = await this.get(job.url, (answer) => source.read(job.url, answer));
    return { job, requests, retried, reading: value ?? failureOf(source, job.url, trouble!), failure: trouble?.kind };
  }

  /** Fetches a URL and reads the answer with `read`. */
  async get<T>(url: string, read: (answer: Answer) => T): Promise<Found<T>> {
    const retried: string[] = [];
    let postponements = 0;
    for (let requests = 1; ; requests += 1) {
      try {
        const value = await this.#attempt(new URL(url, this.#options.base).href, read);
        return { value, trouble: undefined, requests, retried };
      } catch (trouble) {
        if (!(trouble instanceof Trouble)) throw trouble;
        if (trouble.retryAfter !== undefined) postponements += 1;
        const retries = requests - postponements;
        if (
          !trouble.passing ||
          retries > (this.#options.retries ?? MOST_RETRIES) ||
          postponements > MOST_POSTPONEMENTS
        ) {
          return { value: undefined, trouble, requests, retried };
        }
        retried.push(trouble.kind);
        this.#options.tally.addTrouble(trouble.kind);
        // A server that says when to come again is waited for at its pace, by everyone.
        if (trouble.retryAfter === undefined) await sleep(backoff(retries));
      }
    }
  }

  async #attempt<T>(url: string, read: (answer: Answer) => T): Promise<T> {
    const pace = this.#paces.of(url);
    using _place = await pace.enter();
    using _permit = await this.#permits.acquire();
    const answer = await this.#ask(url);
    pace.learn(answer.headers["ratelimit-policy"]);
    try {
      checkStatus(answer);
      return read(answer);
    } catch (error) {
      if (error instanceof UnreadableError) throw asTrouble(error);
      if (error instanceof Trouble && error.passing && error.retryAfter !== undefined) pace.close(error.retryAfter);
      throw error;
    }
  }

  async #ask(url: string): Promise<Answer> {
    const { client, tally } = this.#options;
    using _asked = tally.inFlight.enter();
    tally.requests += 1;
    try {
      const answer = await timeout(this.#options.timeout, () => fromPromise((signal) => client.get(url, signal)));
      tally.bytes += answer.body.length;
      return answer;
    } catch (error) {
      throw asTrouble(error);
    }
  }
}

function failureOf(source: Source, url: string, { kind, status }: Trouble): Reading {
  return { records: source.readFailure ? [source.readFailure(url, kind, status)] : [], found: [] };
}
