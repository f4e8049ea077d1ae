import { encodeError } from "../encode-error.ts";
import { ERROR, type ResultMessage } from "../messages.ts";
import { Transferred } from "../transfer.ts";
import type { Line } from "./line.ts";

/** A result waits for those of its batch no longer than this, in milliseconds: less work than a message is. */
const PATIENCE = 0.05;

/** Results on their way to the pool: those of very short jobs travel together. */
export class Results {
  readonly #line: Line;
  #waiting: ResultMessage[] = [];
  #since = 0;

  constructor(line: Line) {
    this.#line = line;
  }

  /** Work begins: results that come soon may wait for one another. */
  begin(): void {
    this.#since = performance.now();
  }

  /** A job is over, or gives a stream. */
  add(id: number, outcome: number, value: unknown, took: number): void {
    if (value instanceof Transferred) {
      this.flush();
      this.#postOne([id, outcome, value.value, took], value.list);
    } else {
      const sent = outcome === ERROR ? encodeError(value, this.#line.canCarry) : value;
      this.#waiting.push([id, outcome, sent, took]);
      if (performance.now() - this.#since > PATIENCE) this.flush();
    }
  }

  flush(): void {
    const results = this.#waiting;
    if (results.length === 0) return;
    this.#waiting = [];
    try {
      this.#line.post({ results });
    } catch {
      // One of them cannot be sent: each goes for itself.
      for (const result of results) this.#postOne(result, []);
    }
    this.#since = performance.now();
  }

  #postOne(result: ResultMessage, transfer: readonly unknown[]): void {
    try {
      this.#line.post({ results: [result] }, transfer);
    } catch (reason) {
      const [id, , , took] = result;
      const error = encodeError(refusal("the result", reason), this.#line.canCarry);
      this.#line.post({ results: [[id, ERROR, error, took]] });
    }
  }
}

/** Why a value of a job does not arrive. */
export function refusal(what: string, reason: unknown): TypeError {
  const message = reason instanceof Error ? reason.message : String(reason);
  return new TypeError(`Cannot send ${what} back: ${message}`, { cause: reason });
}
