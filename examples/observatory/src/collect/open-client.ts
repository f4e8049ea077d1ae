import { HttpClient, RetryBudget, UndiciTransport } from "@tsyncio/http";
import type { Duration } from "tsyncio";
import { CountedTransport } from "./counted-transport.ts";
import type { Tally } from "./tally.ts";
import { kindOf } from "./kind-of.ts";

export interface ClientOptions {
  readonly tally: Tally;
  /** Requests in flight, to all servers together. */
  readonly concurrency: number;
  /** Requests in flight to one server. Default: `concurrency`. */
  readonly perServer?: number;
  /** For the answer to begin, and between its parts. */
  readonly timeout: Duration;
  /** How often a request is tried again after a fault. Default 8. */
  readonly retries?: number;
  /** Whether the client keeps to the limits that servers tell. Default: true. */
  readonly learnLimits?: boolean;
  /** What URLs are relative to. */
  readonly base?: string;
  /** Where requests go in truth. */
  readonly origin?: string;
}

/** A larger body is given up. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_REDIRECTIONS = 5;
/** Being told to come later counts as well. */
const MOST_RETRIES = 8;

/** A client that is patient with its servers, keeps to the limits that they tell, and counts what it does. */
export function openClient(options: ClientOptions): HttpClient {
  const { tally, concurrency, perServer = concurrency, timeout, retries = MOST_RETRIES, base, origin } = options;
  const wire = new UndiciTransport({ connectionsPerOrigin: perServer });
  return new HttpClient({
    ...(base === undefined ? {} : { baseUrl: base }),
    transport: new CountedTransport(wire, tally, origin),
    userAgent: "tsyncio-observatory",
    concurrency,
    concurrencyPerOrigin: perServer,
    learnLimits: options.learnLimits ?? true,
    timeout: { connect: timeout, headers: timeout, body: timeout },
    maxBodySize: MOST_BYTES,
    maxRedirects: MOST_REDIRECTIONS,
    retry: {
      attempts: retries + 1,
      delay: { initial: "150ms", max: "5s" },
      // Every fault here is one of the site's, and passes: nothing is to be spared.
      budget: new RetryBudget({ ratio: 1, minimumPerSecond: 100 }),
      onRetry: ({ error }) => tally.addTrouble(kindOf(error)),
    },
  });
}
