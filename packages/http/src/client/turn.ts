import type { Semaphore } from "tsyncio";
import type { Passage } from "../breaker/circuit-breaker.ts";
import type { Permit, PermitOutcome } from "../limit/adaptive-concurrency.ts";
import type { Reservation } from "../limit/reservation.ts";
import { HttpConnectError, HttpConnectionError, HttpProtocolError, HttpTimeoutError } from "../errors.ts";

/** Statuses of a server that has too much to do. */
const OVERLOADED: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** From here on a status tells that the service is in trouble. */
const IN_TROUBLE = 500;

/** What a request holds of its origin while it is under way. All of it is given back in `end()`, whatever has come of it. */
export class Turn {
  readonly semaphores: Semaphore[] = [];
  permit: Permit | null = null;
  reservation: Reservation | null = null;
  passage: Passage | null = null;
  /** When it went to the wire; null: not yet. */
  #sent: number | null = null;
  #outcome: PermitOutcome | undefined = undefined;

  /** It goes to the wire now. */
  send(now: number): void {
    this.#sent = now;
  }

  /** Its headers are there. What it holds it holds until its body is. */
  answered(status: number, now: number): void {
    this.#outcome = { elapsed: now - (this.#sent as number), failed: OVERLOADED.has(status) };
    if (status >= IN_TROUBLE) this.passage?.failed();
    else this.passage?.succeeded();
  }

  failed(error: unknown, now: number): void {
    const sent = this.#sent !== null;
    if (sent && isTrouble(error)) {
      this.#outcome = { elapsed: now - (this.#sent as number), failed: true };
      this.passage?.failed();
    } else this.passage?.cancelled();
    // The server has seen nothing of it.
    if (!sent || error instanceof HttpConnectError) this.reservation?.cancel();
    this.end();
  }

  end(): void {
    this.reservation?.settle();
    this.permit?.release(this.#outcome);
    for (const semaphore of this.semaphores.splice(0)) semaphore.release();
  }
}

/** Whether the error is the server's, and not the caller's. */
function isTrouble(error: unknown): boolean {
  return (
    error instanceof HttpConnectError ||
    error instanceof HttpConnectionError ||
    error instanceof HttpTimeoutError ||
    error instanceof HttpProtocolError
  );
}
