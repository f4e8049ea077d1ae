import { HttpError, retryAfter } from "@tsyncio/http";
import {
  CancelledError,
  type Coroutine,
  type EventLoop,
  KeyboardInterrupt,
  TimeoutError,
  coroutine,
  timeout,
} from "tsyncio";
import { type Fetched, type PageFetcher, mediaType } from "../fetch/page-fetcher.ts";
import type { PaceSample } from "../frontier/host-pace.ts";
import { extract } from "../page/extract.ts";
import { type EnqueueOptions, type Page, type PageFacts, openPage } from "../page/page.ts";
import type { NewUrl, WaitingUrl } from "../store/crawl-store.ts";
import type { UrlState } from "../store/schema.ts";
import type { TrapCut, TrapGuard } from "../trap/trap-guard.ts";
import { urlPattern } from "../url/url-pattern.ts";
import type { Gate } from "./gate.ts";
import type { Settings } from "./settings.ts";

/** What came of one page. */
export interface Visit {
  readonly state: UrlState;
  readonly status: number | null;
  readonly reason: string | null;
  readonly contentType: string | null;
  readonly bytes: number | null;
  readonly elapsed: number | null;
  /** JSON, one each. */
  readonly items: readonly string[];
  readonly found: readonly NewUrl[];
  /** A start address leads elsewhere: that belongs to the crawl. */
  readonly movedTo: string | null;
  readonly cut: TrapCut | null;
  readonly sample: PaceSample | null;
}

/** What a visit needs of the crawl. */
export interface VisitContext {
  readonly settings: Settings;
  readonly fetcher: PageFetcher;
  readonly gate: Gate;
  readonly guard: TrapGuard | null;
  readonly loop: EventLoop;
}

const MAX_REDIRECTS = 10;
const STRAINED = new Set([429, 503]);
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

const NOTHING: Omit<Visit, "state" | "reason"> = {
  status: null,
  contentType: null,
  bytes: null,
  elapsed: null,
  items: [],
  found: [],
  movedTo: null,
  cut: null,
  sample: null,
};

/** A page that is not fetched. */
export function skipped(reason: string): Visit {
  return { ...NOTHING, state: "skipped", reason };
}

/**
 * Fetches a page and works on it. Faults of the page, of its server and of the handler are in what it gives; it throws only what
 * ends the crawl.
 *
 * **When cancelled**: the request is closed, the handler is cancelled; nothing has happened.
 */
export const visit: (context: VisitContext, page: WaitingUrl) => Coroutine<Visit> = coroutine(function* visit(
  context: VisitContext,
  page: WaitingUrl,
): Generator<any, Visit, any> {
  const { settings, loop } = context;
  const began = loop.time();
  let fetched: Fetched;
  try {
    fetched = yield* timeout(settings.timeout, () => context.fetcher.fetch(page.url));
  } catch (error) {
    const elapsed = loop.time() - began;
    if (error instanceof TimeoutError) return unanswered(context, page, "timeout", true, elapsed);
    if (error instanceof HttpError) return unanswered(context, page, reasonOf(error), error.retryable, elapsed);
    throw error;
  }
  const elapsed = loop.time() - began;
  const { status, headers } = fetched;
  const answer: Omit<Visit, "state" | "reason"> = {
    ...NOTHING,
    status,
    contentType: mediaType(headers.get("content-type")),
    bytes: fetched.bytes?.length ?? null,
    elapsed,
    sample: fetched.fromCache
      ? null
      : {
          elapsed,
          strained: STRAINED.has(status),
          unanswered: false,
          retryAfter: STRAINED.has(status) ? retryAfter(headers) : null,
        },
  };
  if (status >= 300 && status < 400) return redirected(context, page, fetched, answer);
  if (fetched.unread === "status") {
    const again = PASSING.has(status) && page.attempts < settings.retries;
    return { ...answer, state: again ? "waiting" : "failed", reason: `status ${status}` };
  }
  if (fetched.bytes === null) {
    const reason = fetched.unread === "size" ? "too large" : `content type ${answer.contentType}`;
    return { ...answer, state: "skipped", reason };
  }
  return yield* handled(context, page, fetched, fetched.bytes, answer);
});

function unanswered(context: VisitContext, page: WaitingUrl, reason: string, again: boolean, elapsed: number): Visit {
  const state = again && page.attempts < context.settings.retries ? "waiting" : "failed";
  return {
    ...NOTHING,
    state,
    reason,
    elapsed,
    sample: { elapsed, strained: false, unanswered: true, retryAfter: null },
  };
}

/** Without the address, so that equal faults of many pages can be counted. */
function reasonOf(error: HttpError): string {
  const { code } = (error.cause ?? {}) as { readonly code?: unknown };
  const kind = error.name.replace(/^Http|Error$/g, "").toLowerCase();
  return typeof code === "string" ? `${kind}: ${code}` : kind;
}

function redirected(
  { settings, gate }: VisitContext,
  page: WaitingUrl,
  { headers }: Fetched,
  answer: Omit<Visit, "state" | "reason">,
): Visit {
  const location = headers.get("location");
  const target = location === null ? null : settings.normalizer.normalize(location, page.url);
  if (target === null) return { ...answer, state: "failed", reason: "redirect to nowhere" };
  if (target === page.url) return { ...answer, state: "failed", reason: "redirect to itself" };
  if (page.redirects >= MAX_REDIRECTS) return { ...answer, state: "failed", reason: "too many redirects" };
  const isStart = page.parent === null;
  if (isStart) settings.scope.addStart(new URL(target));
  const belongs = isStart ? !gate.isKnown(target) : gate.judge(target, page.depth) === "new";
  const found = belongs ? [{ ...asFound(page), url: target }] : [];
  return { ...answer, state: "redirected", reason: target, found, movedTo: isStart ? target : null };
}

function asFound({ priority, depth, parent, label, data, redirects, chain }: WaitingUrl): Omit<NewUrl, "url"> {
  return { priority, depth, parent, label, data, redirects: redirects + 1, chain };
}

function* handled(
  context: VisitContext,
  waiting: WaitingUrl,
  fetched: Fetched,
  bytes: Uint8Array,
  answer: Omit<Visit, "state" | "reason">,
): Generator<any, Visit, any> {
  const { settings, gate, guard } = context;
  const pattern = urlPattern(waiting.url);
  const items: string[] = [];
  const found = new Map<string, NewUrl>();
  const facts: PageFacts = {
    ...waiting,
    status: fetched.status,
    headers: fetched.headers,
    bytes,
    fromCache: fetched.fromCache,
    mediaType: answer.contentType ?? "",
  };
  const { page, close } = openPage(facts, {
    normalize: (address, base) => settings.normalizer.normalize(address, base),
    obeysNofollow: settings.obeysNofollow,
    save: (item) => items.push(asJson(item, "save an item")),
    offer: (_, url, options) => {
      const depth = waiting.depth + (options.sameDepth === true ? 0 : 1);
      if (found.has(url)) return true;
      const verdict = gate.judge(url, depth);
      if (verdict === "new") found.set(url, newUrl(waiting, pattern, url, depth, options));
      return verdict !== "out";
    },
  });
  const cut = guard?.observe(waiting.url, pattern, waiting.chain, () => page.text) ?? null;
  try {
    yield* timeout(settings.handlerTimeout, () => working(settings, page));
  } catch (error) {
    if (error instanceof CancelledError || error instanceof KeyboardInterrupt) throw error;
    const { message = String(error) } = error as { readonly message?: string };
    const reason = error instanceof TimeoutError && message === "" ? "handler: no time left" : `handler: ${message}`;
    // What comes out of the cache would be the same again.
    const again = isRetryable(error) && !fetched.fromCache && waiting.attempts < settings.retries;
    return { ...answer, state: again ? "waiting" : "failed", reason, cut };
  } finally {
    close();
  }
  return { ...answer, state: "done", reason: null, items, found: [...found.values()], cut };
}

/** Whether an error says of itself that another attempt may go better: `HttpError` does, and errors of users can. */
function isRetryable(error: unknown): boolean {
  return (error as { readonly retryable?: unknown } | null)?.retryable === true;
}

const working = coroutine(function* handle(settings: Settings, page: Page): Generator<any, void, any> {
  if (settings.extraction !== null) page.save(extract(page, settings.extraction));
  const result: unknown = settings.handler?.(page);
  // A generator that was not made a coroutine is one all the same.
  if (Object.prototype.toString.call(result) === "[object Generator]") yield* result as Generator<any, unknown, any>;
  else yield result;
  if (settings.follow !== null) page.follow(settings.follow);
});

function newUrl(parent: WaitingUrl, pattern: string, url: string, depth: number, options: EnqueueOptions): NewUrl {
  const { priority = 0, label = null, data } = options;
  if (typeof priority !== "number" || Number.isNaN(priority))
    throw new TypeError(`Cannot enqueue ${url}: priority must be a number, received ${String(priority)}`);
  return {
    url,
    priority,
    depth,
    parent: parent.id,
    label,
    data: data === undefined ? null : asJson(data, "enqueue"),
    redirects: 0,
    chain: urlPattern(url) === pattern ? parent.chain + 1 : 0,
  };
}

function asJson(value: unknown, what: string): string {
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) throw new TypeError(`Cannot ${what}: ${typeof value} is nothing that JSON can hold`);
  return json;
}
