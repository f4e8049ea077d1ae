import { HttpError, type HttpClient, type HttpResponse, backoff } from "@tsyncio/http";
import { sleep } from "tsyncio";
import type { Job, Outcome, Reading } from "./job.ts";
import { kindOf } from "./kind-of.ts";
import { type FetchedSource, UnreadableError } from "./source.ts";
import type { Tally } from "./tally.ts";

/** What a URL gave in the end. */
export interface Found<T> {
  /** Undefined when it was given up. */
  readonly value: T | undefined;
  /** Why it was given up, and the status that it was answered with. */
  readonly failure: string | undefined;
  readonly status: number | null;
  readonly requests: number;
}

/** How often what cannot be read is fetched again: faults of the wire and limits are the client's affair. */
const MOST_READINGS = 5;

/** Fetches jobs and reads what comes. */
export class Fetcher {
  readonly #client: HttpClient;
  readonly #sources: ReadonlyMap<string, FetchedSource>;
  readonly #tally: Tally;

  constructor(client: HttpClient, sources: readonly FetchedSource[], tally: Tally) {
    this.#client = client;
    this.#sources = new Map(sources.map((source) => [source.name, source]));
    this.#tally = tally;
  }

  /** Fetches a job and reads the answer. A job that is given up is an outcome too. */
  async fetch(job: Job): Promise<Outcome> {
    const source = this.#sources.get(job.source)!;
    const { value, failure, status, requests } = await this.get(job.url, (answer) => source.read(job.url, answer));
    return { job, requests, reading: value ?? failureOf(source, job.url, failure!, status), failure };
  }

  /** Fetches a URL and reads the answer with `read`. */
  async get<T>(url: string, read: (answer: HttpResponse) => T): Promise<Found<T>> {
    let requests = 0;
    for (let readings = 1; ; readings += 1) {
      try {
        const answer = await this.#client.get(url);
        requests += answer.attempts;
        return { value: read(answer), failure: undefined, status: answer.status, requests };
      } catch (error) {
        if (error instanceof HttpError) {
          const failure = kindOf(error);
          return { value: undefined, failure, status: error.status, requests: requests + error.attempt };
        }
        if (!(error instanceof UnreadableError)) throw error;
        if (readings === MOST_READINGS) return { value: undefined, failure: error.message, status: null, requests };
        this.#tally.addTrouble(error.message);
        await sleep(backoff(readings));
      }
    }
  }
}

function failureOf(source: FetchedSource, url: string, failure: string, status: number | null): Reading {
  return { records: source.readFailure ? [source.readFailure(url, failure, status)] : [], found: [] };
}
