import { type ReadableHeaders } from "../retry/http-date.ts";
import { retryAfter } from "../retry/retry-after.ts";

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;

/** How long to leave a server alone that has refused something. */
export class Refusals {
  #pause = FIRST_PAUSE;

  /**
   * In milliseconds; null: not at all.
   *
   * @param paused whether it is left alone now. Those that were on their way when it refused the first say nothing new.
   */
  pauseAfter(status: number, headers: ReadableHeaders, paused: boolean): number | null {
    if (status !== 429 && status !== 503) {
      if (status < 400) this.#pause = FIRST_PAUSE;
      return null;
    }
    const asked = retryAfter(headers);
    if (asked !== null || status === 503) return asked;
    if (paused) return null;
    const pause = this.#pause;
    this.#pause = Math.min(LONGEST_PAUSE, 2 * pause);
    return pause;
  }
}
