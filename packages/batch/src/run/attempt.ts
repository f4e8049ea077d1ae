import type { HttpHeaders, RateLimits, Reservation } from "@tsyncio/http";
import type { EventLoop } from "tsyncio";
import type { AnswerFailure } from "../presets/batch-preset.ts";
import type { BatchCost, BatchRequest } from "../request/batch-request.ts";
import type { BatchPlan } from "./batch-plan.ts";
import { exchange } from "./exchange.ts";
import { AnswerError } from "../presets/answer-error.ts";
import type { InFlight, Outcome } from "./permits.ts";
import { type FullVerdict, failureOf } from "./verdict.ts";
import { InputFault } from "../errors.ts";

const KEPT_OF_BODY = 2_000;

/** Who sends, and how answers are read. */
type AttemptPlan = Pick<BatchPlan, "client" | "join" | "accepts">;

/** What came of sending a request once. */
export interface Exchanged {
  readonly status: number | null;
  readonly headers: HttpHeaders | null;
  readonly result: unknown;
  readonly failure: AnswerFailure | null;
  readonly elapsed: number;
}

/**
 * One sending of a request, with its place in flight and its part of the limits.
 *
 * | it holds | until |
 * |---|---|
 * | a reservation | `answered()`, `failed()`, or it is cancelled |
 * | a place in flight | the same |
 */
export class Attempt {
  readonly #plan: AttemptPlan;
  readonly #request: BatchRequest;
  readonly #permit: InFlight;
  readonly #reservation: Reservation;
  readonly #loop: EventLoop;
  #elapsed = 0;
  #isOver = false;

  constructor(plan: AttemptPlan, request: BatchRequest, permit: InFlight, reservation: Reservation, loop: EventLoop) {
    this.#plan = plan;
    this.#request = request;
    this.#permit = permit;
    this.#reservation = reservation;
    this.#loop = loop;
  }

  /**
   * Sends it and reads the answer. Failures are given, not thrown.
   *
   * **When cancelled**: the request is closed on the wire, and what it holds is given back.
   *
   * @throws {InputFault} for a request that is none: nothing was sent.
   */
  *run(): Generator<unknown, Exchanged, any> {
    const began = this.#loop.time();
    let answered = false;
    try {
      const { client, join, accepts } = this.#plan;
      const answer = yield* exchange(client, this.#request, join);
      if (!accepts(answer.result)) throw unexpected(answer.result);
      answered = true;
      return { ...answer, failure: null, elapsed: this.#since(began) };
    } catch (error) {
      const failure = failureOf(error);
      if (failure !== null) {
        answered = true;
        const { status, headers } = failure;
        return { status, headers, result: undefined, failure, elapsed: this.#since(began) };
      }
      if (!(error instanceof TypeError) && !(error instanceof RangeError)) throw error;
      throw new InputFault(`Cannot send ${String(this.#request.url)}: ${error.message}`, { cause: error });
    } finally {
      if (!answered) this.abandon();
    }
  }

  #since(began: number): number {
    return (this.#elapsed = this.#loop.time() - began);
  }

  /** Nobody will say how it went. Gives back what it still holds. */
  abandon(): void {
    if (this.#isOver) return;
    this.#reservation.settle();
    this.#over(null);
  }

  #over(outcome: Outcome | null): void {
    this.#isOver = true;
    this.#permit.release(outcome);
  }

  /** Has the limits learn from what the answer says. */
  teach(limits: RateLimits, { status, headers }: Exchanged): void {
    if (status !== null && headers !== null) limits.learn(status, headers, this.#reservation);
  }

  /** A good answer, with what it has taken of the limits, if it says so. */
  answered(usage: BatchCost | null): void {
    if (usage === null) this.#reservation.settle();
    else this.#reservation.correct(usage);
    this.#over({ elapsed: this.#elapsed, failed: false });
  }

  /** No good answer. What was refused for being too fast has used up a request, and nothing else. */
  failed(verdict: FullVerdict, unsent: boolean): void {
    if (unsent) this.#reservation.cancel();
    else if (verdict === "limited") this.#reservation.correct(onlyRequests(this.#reservation.cost));
    else this.#reservation.settle();
    this.#over({ elapsed: this.#elapsed, failed: verdict === "limited" || verdict === "retry" });
  }
}

function unexpected(result: unknown): AnswerError {
  const body = typeof result === "string" ? result : JSON.stringify(result);
  return new AnswerError("Cannot read the answer: it is not what the API gives", null, body.slice(0, KEPT_OF_BODY));
}

function onlyRequests(cost: BatchCost): BatchCost {
  return Object.fromEntries(Object.keys(cost).map((name) => [name, name === "requests" ? (cost[name] ?? 1) : 0]));
}
