import { createHash } from "node:crypto";
import { HttpClient, type RateLimits, backoff } from "@tsyncio/http";
import { type Awaitable, type Duration, milliseconds } from "tsyncio";
import type { BatchInput } from "../input/batch-input.ts";
import { type ItemId, idReader } from "../input/item-id.ts";
import { type InputSource, openInput } from "../input/open-input.ts";
import type { BatchOutput } from "../output/batch-output.ts";
import { openOutput } from "../output/open-output.ts";
import type { BatchPreset } from "../presets/batch-preset.ts";
import { type BatchCost, type BatchRequest, type ItemInfo, methodOf } from "../request/batch-request.ts";
import { fillTemplate } from "../request/template.ts";
import type { BatchEvent } from "./batch-event.ts";
import { batchLimits } from "./batch-limits.ts";
import type { BatchOptions, BatchRetryOptions } from "./batch-options.ts";
import { type Permits, permitsFor } from "./permits.ts";

const ATTEMPTS = 6;
const LIMITED_ATTEMPTS = 100;
const FAILURES_IN_ROW = 100;
const PROGRESS_INTERVAL = 1_000;
const DELAY = { initial: "500ms", max: "60s" } as const;

/** What a batch is to do, checked. */
export interface BatchPlan {
  readonly input: BatchInput;
  readonly output: BatchOutput;
  /** Null stands for the line. */
  readonly idOf: ((value: unknown, line: number) => ItemId) | null;
  readonly request: (value: unknown, item: ItemInfo) => BatchRequest | Awaitable<BatchRequest>;
  readonly cost: (request: BatchRequest) => BatchCost;
  readonly usage: (result: unknown) => BatchCost | null;
  readonly accepts: NonNullable<BatchPreset["accepts"]>;
  readonly join: BatchPreset["join"];
  readonly judge: BatchPreset["judge"];
  readonly limits: RateLimits;
  readonly learnLimits: boolean;
  readonly permits: Permits;
  readonly attempts: number;
  readonly limitedAttempts: number;
  readonly statuses: ReadonlySet<number> | null;
  /** How long to wait after that attempt, in milliseconds. */
  readonly delayAfter: (attempt: number) => number;
  readonly retryFailed: boolean;
  readonly maxFailuresInRow: number;
  readonly client: HttpClient;
  /** Whether the client is to be closed. */
  readonly ownsClient: boolean;
  readonly onEvent: (event: BatchEvent) => void;
  readonly progressInterval: number;
  readonly signal: AbortSignal | null;
}

/** @throws {TypeError | RangeError} for what cannot be meant; {BatchError} for an input that is not there. */
export function planOf(source: InputSource, options: BatchOptions): BatchPlan {
  if (typeof options !== "object" || options === null)
    throw new TypeError(`Cannot start a batch: expected options, received ${String(options)}`);
  const { preset, cost = preset?.cost, usage = preset?.usage, onEvent = () => {}, maxFailuresInRow } = options;
  if (typeof onEvent !== "function")
    throw new TypeError(`Cannot start a batch: onEvent must be a function, received ${String(onEvent)}`);
  return {
    input: openInput(source),
    output: openOutput(options.output),
    idOf: idOf(options),
    request: withKey(requestOf(options), options.idempotencyKey ?? false),
    cost: cost ?? (() => ({})),
    usage: usage ?? (() => null),
    accepts: preset?.accepts ?? (() => true),
    join: preset?.join,
    judge: preset?.judge,
    limits: batchLimits(options.limits),
    learnLimits: options.learnLimits ?? true,
    permits: permitsFor(options.concurrency ?? {}),
    ...retrying(options.retry ?? {}),
    retryFailed: options.retryFailed ?? false,
    maxFailuresInRow:
      maxFailuresInRow === null ? Infinity : atLeastOne(maxFailuresInRow ?? FAILURES_IN_ROW, "maxFailuresInRow"),
    client: options.client ?? new HttpClient({ learnLimits: false, retry: false }),
    ownsClient: options.client === undefined,
    onEvent,
    progressInterval: interval(options.progressInterval ?? PROGRESS_INTERVAL),
    signal: options.signal ?? null,
  };
}

/** The field that the preset knows is used where it is there. */
function idOf({ id, preset }: BatchOptions): BatchPlan["idOf"] {
  if (id !== undefined || preset?.idField === undefined) return idReader(id ?? null);
  const field = preset.idField;
  return (value, line) => {
    const found = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[field] : undefined;
    return (typeof found === "string" && found !== "") || typeof found === "number" ? found : line;
  };
}

function requestOf({ request, template, preset }: BatchOptions): BatchPlan["request"] {
  const given = [request, template, preset].filter((one) => one !== undefined);
  if (given.length !== 1)
    throw new TypeError(
      `Cannot start a batch: expected one of request, template and preset, received ${given.length === 0 ? "none" : given.length}`,
    );
  if (template !== undefined) return fillTemplate(template);
  if (preset !== undefined) return (value, item) => preset.request(value, item);
  if (typeof request === "function") return request;
  throw new TypeError(`Cannot start a batch: request must be a function, received ${String(request)}`);
}

function withKey(
  request: BatchPlan["request"],
  key: NonNullable<BatchOptions["idempotencyKey"]>,
): BatchPlan["request"] {
  if (key === false) return request;
  const keyed = (made: BatchRequest, item: ItemInfo): BatchRequest => ({
    ...made,
    headers: { ...headersOf(made), "idempotency-key": key === true ? digest(made, item) : key(item) },
  });
  return (value, item) => {
    const made = request(value, item);
    return "url" in made ? keyed(made, item) : then(made, (whole) => keyed(whole, item));
  };
}

function then(made: Awaitable<BatchRequest>, key: (made: BatchRequest) => BatchRequest): PromiseLike<BatchRequest> {
  return Promise.resolve(made).then(key);
}

function headersOf({
  headers = {},
}: BatchRequest): Record<string, string | number | readonly string[] | null | undefined> {
  return Symbol.iterator in headers ? Object.fromEntries(headers) : headers;
}

/** The same for the same request of the same item, in every run. */
function digest(request: BatchRequest, { id }: ItemInfo): string {
  const { url, json, form, query, body = "" } = request;
  return createHash("sha256")
    .update(JSON.stringify([String(id), methodOf(request), String(url), query, json, form]))
    .update(body)
    .digest("hex");
}

function retrying(
  options: BatchRetryOptions,
): Pick<BatchPlan, "attempts" | "limitedAttempts" | "statuses" | "delayAfter"> {
  const { attempts = ATTEMPTS, limitedAttempts = LIMITED_ATTEMPTS, statuses } = options;
  const delay = { ...DELAY, ...options.delay };
  // For its checks.
  backoff(1, delay);
  return {
    attempts: atLeastOne(attempts, "retry.attempts"),
    limitedAttempts: atLeastOne(limitedAttempts, "retry.limitedAttempts"),
    statuses: statuses === undefined ? null : new Set(statuses),
    delayAfter: (attempt) => backoff(attempt, delay),
  };
}

function interval(duration: Duration): number {
  const ms = milliseconds(duration);
  if (ms > 0) return ms;
  throw new RangeError(`Cannot start a batch: progressInterval must be above 0, received ${String(duration)}`);
}

function atLeastOne(value: number, name: string): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new RangeError(`Cannot start a batch: ${name} must be an integer >= 1, received ${String(value)}`);
}
