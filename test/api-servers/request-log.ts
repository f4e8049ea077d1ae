import type { Costs, Dimension } from "./limits/account.ts";

/** How a request ended. */
export type Outcome =
  /** The whole answer was sent. */
  | "answered"
  /** A limit was reached: 429. */
  | "refused"
  /** The request was wrong, or nobody may send it: 400, 401, 404. */
  | "invalid"
  /** A planned fault: a status, a broken body, a reset. */
  | "faulted"
  /** The client closed the connection before the answer was whole. */
  | "abandoned"
  /** Not ended yet. */
  | "open";

/** A request that has come. */
export interface LoggedRequest {
  /** What it is about: `x-client-request-id`, `idempotency-key`, `metadata.id` of the body, or else the text that it asks with. */
  readonly id: string;
  /** Which request with this id it is, from 1. */
  readonly attempt: number;
  readonly path: string;
  readonly stream: boolean;
  /** Milliseconds since the server was started. */
  readonly at: number;
  readonly costs: Costs;
  endedAt: number | null;
  status: number | null;
  outcome: Outcome;
}

/** Every request that has come, in order. */
export class RequestLog {
  readonly requests: LoggedRequest[] = [];
  readonly #byId = new Map<string, LoggedRequest[]>();

  add(request: Omit<LoggedRequest, "attempt" | "endedAt" | "status" | "outcome">): LoggedRequest {
    let sameId = this.#byId.get(request.id);
    if (sameId === undefined) this.#byId.set(request.id, (sameId = []));
    const logged = { ...request, attempt: sameId.length + 1, endedAt: null, status: null, outcome: "open" as const };
    sameId.push(logged);
    this.requests.push(logged);
    return logged;
  }

  ids(): string[] {
    return [...this.#byId.keys()];
  }

  /** Every attempt of one id. */
  of(id: string): readonly LoggedRequest[] {
    return this.#byId.get(id) ?? [];
  }

  /** How many ended so. */
  count(outcome: Outcome): number {
    return this.requests.filter((request) => request.outcome === outcome).length;
  }
}

/** What was let in of `dimension` in the busiest window of `per` milliseconds: never above the limit. */
export function busiestWindow(requests: readonly LoggedRequest[], dimension: Dimension, per: number): number {
  const admitted = requests.filter(({ outcome }) => outcome !== "refused" && outcome !== "invalid");
  let busiest = 0;
  let sum = 0;
  let first = 0;
  for (const { at, costs } of admitted) {
    sum += costs[dimension];
    while (admitted[first]!.at <= at - per) sum -= admitted[first++]!.costs[dimension];
    busiest = Math.max(busiest, sum);
  }
  return busiest;
}
