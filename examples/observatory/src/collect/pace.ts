import { Lock, RateLimiter, Semaphore, sleep } from "tsyncio";

/** So much of what a server allows is used: its clock and ours do not tick together. */
const SHARE = 0.95;
/** So many seconds' worth may be asked at once, when timers were late. */
const CATCH_UP = 0.1;

/**
 * How fast one server is asked. It begins without a limit, learns the server's from its answers, and stops everyone for
 * as long as the server asks for.
 */
export class Pace {
  readonly #places: Semaphore;
  readonly #turn = new Lock();
  #policy: string | undefined;
  #limiter: RateLimiter | undefined;
  #closedUntil = 0;

  /** @param atOnce how many may ask at the same time */
  constructor(atOnce: number) {
    this.#places = new Semaphore(atOnce);
  }

  /** Waits until the server may be asked; the place is given back by disposing it. First come, first served. */
  async enter(): Promise<Disposable> {
    const place = await this.#places.acquire();
    try {
      // One at a time, so that a limit learnt meanwhile holds for everyone who still waits.
      using _turn = await this.#turn.acquire();
      for (let rest = this.#rest(); rest > 0; rest = this.#rest()) await sleep(rest);
      await this.#limiter?.acquire();
      return place;
    } catch (error) {
      place[Symbol.dispose]();
      throw error;
    }
  }

  /** How many more may ask now. */
  get free(): number {
    return this.#places.statistics().value;
  }

  /** Lets nobody in for so many milliseconds. */
  close(milliseconds: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, performance.now() + milliseconds);
  }

  /**
   * Learns the limit that an answer speaks of: `RateLimit-Policy: "api";q=150;w=1` allows 150 requests in 1 second.
   *
   * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
   */
  learn(policy: string | undefined): void {
    if (policy === undefined || policy === this.#policy) return;
    const quota = Number(/;\s*q=(\d+)/.exec(policy)?.[1]);
    const seconds = Number(/;\s*w=(\d+)/.exec(policy)?.[1] ?? 1);
    if (!(quota > 0 && seconds > 0)) return;
    this.#policy = policy;
    const perSecond = (quota * SHARE) / seconds;
    this.#limiter = new RateLimiter({ rate: perSecond, per: "1s", burst: Math.max(1, perSecond * CATCH_UP) });
  }

  #rest(): number {
    return this.#closedUntil - performance.now();
  }
}

/** A pace for each server; its API, if it has one, is counted apart, as servers do. */
export class Paces {
  readonly #atOnce: number;
  readonly #paces = new Map<string, Pace>();

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  of(url: string): Pace {
    const { host, pathname } = new URL(url);
    const key = pathname.startsWith("/api/") ? `${host}/api` : host;
    let pace = this.#paces.get(key);
    if (pace === undefined) this.#paces.set(key, (pace = new Pace(this.#atOnce)));
    return pace;
  }
}
