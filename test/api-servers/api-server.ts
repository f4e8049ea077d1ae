import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { anthropic } from "./apis/anthropic.ts";
import type { AnswerOptions, Api, Body, Failure, Reply } from "./apis/api.ts";
import { isFailure } from "./apis/api.ts";
import { openai } from "./apis/openai.ts";
import { type Fault, type FaultPlan, Faults, fraction } from "./faults.ts";
import { Account, type AccountLimits, type Admission } from "./limits/account.ts";
import { type LoggedRequest, type Outcome, RequestLog } from "./request-log.ts";

/** Options of `ApiServer.listening`, all but `answer` to be written as JSON. */
export interface ApiServerOptions {
  /** Default: none. */
  readonly limits?: AccountLimits;
  /** What token limits count: what is used in the end, or what the request may use at most, as OpenAI does it. Default: `"used"`. */
  readonly tokensCounted?: "used" | "reserved";
  /** Whether answers tell of the limits. A 429 has its `Retry-After` all the same. Default: true. */
  readonly limitHeaders?: boolean;
  /** How a 429 says when to come back: `"seconds"`, an HTTP `"date"`, or not at all. Default: `"seconds"`. */
  readonly retryAfter?: "seconds" | "date" | "none";
  readonly faults?: FaultPlan;
  /** How long an answer takes, in milliseconds, or from and to. Default: 0. */
  readonly latency?: number | readonly [from: number, to: number];
  /** Between two events of a stream. Default: 0, all at once. */
  readonly eventDelay?: number;
  /** The key that a request must show: as bearer, or as `x-api-key`. Default: none. */
  readonly key?: string;
  /** How many tokens an answer has: the prompt, said so often. Default: the prompt once, and a few words. */
  readonly answerTokens?: number;
  /** The answer to a prompt. Default: see `answerTokens`. */
  readonly answer?: (prompt: string) => string;
}

const MAX_BODY = 32 * 1024 * 1024;
const APIS: readonly Api[] = [openai, anthropic];

/** What everything is answered with, unless the test knows better. */
function echo(tokens: number | undefined): (prompt: string) => string {
  if (tokens === undefined) return (prompt) => `You said: ${prompt}`;
  return (prompt) => `${prompt} `.repeat(Math.ceil((tokens * 4) / (prompt.length + 1))).slice(0, tokens * 4);
}

/**
 * A server on loopback that talks as OpenAI does (`/v1/chat/completions`, `/v1/embeddings`) and as Anthropic does
 * (`/v1/messages`), keeps their limits strictly, goes wrong as it is planned, and remembers every request.
 */
export class ApiServer implements AsyncDisposable {
  readonly log: RequestLog = new RequestLog();
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #sockets = new Set<Socket>();
  readonly #options: ApiServerOptions;
  readonly #answers: AnswerOptions;
  readonly #account: Account;
  #faults: Faults;
  #serial = 0;
  #startedAt = performance.now();

  private constructor(options: ApiServerOptions) {
    this.#options = options;
    this.#answers = { key: options.key ?? null, answer: options.answer ?? echo(options.answerTokens) };
    this.#account = new Account(options.limits ?? {});
    this.#faults = new Faults(options.faults ?? {});
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  static async listening(options: ApiServerOptions = {}, port = 0): Promise<ApiServer> {
    const server = new ApiServer(options);
    await once(server.#server.listen(port, "127.0.0.1"), "listening");
    server.#startedAt = performance.now();
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** `http://127.0.0.1:…`; paths begin with `/v1`. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** From now on this goes wrong. */
  plan(faults: FaultPlan): void {
    this.#faults = new Faults(faults);
  }

  /** Destroys every connection, and is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  get #now(): number {
    return performance.now() - this.#startedAt;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that goes away is no error of the server.
    request.on("error", () => {});
    response.on("error", () => {});
    const path = new URL(request.url!, "http://localhost").pathname;
    const serial = ++this.#serial;
    const api = APIS.find(({ paths }) => Object.hasOwn(paths, path)) ?? openai;
    const bytes = await bodyOf(request);
    if (bytes === null) return;
    const body = parsed(bytes);
    const question = { path, headers: request.headers, body: body ?? {}, serial };
    const result = ((): Reply | Failure => {
      if (!Object.hasOwn(api.paths, path)) return api.failure(404, serial, `Invalid URL (${request.method} ${path})`);
      if (request.method !== "POST") return api.failure(405, serial, "Not allowed to use another method than POST.");
      if (bytes.length > MAX_BODY) return api.failure(413, serial);
      if (body === null) return api.failure(400, serial, "We could not parse the JSON body of your request.");
      return api.paths[path]!(question, this.#answers);
    })();

    const failed = isFailure(result);
    const costs = failed
      ? { requests: 1, tokens: 0, inputTokens: 0, outputTokens: 0 }
      : this.#options.tokensCounted === "reserved"
        ? result.reserved
        : result.used;
    const at = this.#now;
    const stream = !failed && Array.isArray(result.body);
    const entry = this.log.add({ id: idOf(question, failed ? "" : result.prompt), path, stream, at, costs });
    const sending = new Sending(response, entry, () => this.#now);
    if (failed)
      return sending.failure({ ...result, headers: { ...api.headers(serial), ...result.headers } }, "invalid");

    const fault = this.#faults.of(entry.id, entry.attempt);
    if (fault === "reset") return sending.destroy();
    const admission = this.#account.admit(costs, at);
    const headers = {
      ...api.headers(serial),
      ...(this.#options.limitHeaders === false ? {} : api.limitHeaders(admission)),
    };
    if (admission.refusedBy !== null) {
      const refusal = api.refusal(admission, serial);
      return sending.failure({ ...refusal, headers: { ...headers, ...this.#comeBack(refusal, admission) } }, "refused");
    }
    const planned = failureOf(fault, api, serial);
    if (planned !== null)
      return sending.failure({ ...planned, headers: { ...headers, ...planned.headers } }, "faulted");
    if (fault === "stall") return;
    await this.#wait(entry, fault);
    await sending.reply(result, headers, fault, api.errorEvent(serial), this.#options.eventDelay ?? 0);
  }

  /** The headers of a 429 that say when to come back. */
  #comeBack(refusal: Failure, { wait }: Admission): Readonly<Record<string, string>> {
    const { retryAfter = "seconds" } = this.#options;
    if (retryAfter === "seconds") return refusal.headers;
    if (retryAfter === "none") return {};
    // HTTP dates have whole seconds: rounded up, so that it is not too early.
    return { "retry-after": new Date(Math.ceil((Date.now() + wait) / 1000) * 1000).toUTCString() };
  }

  async #wait({ id, attempt }: LoggedRequest, fault: Fault | null): Promise<void> {
    const { latency = 0 } = this.#options;
    const [from, to] = typeof latency === "number" ? [latency, latency] : latency;
    const usual = from + (to - from) * fraction(`latency ${attempt} ${id}`);
    const ms = usual + (typeof fault === "object" && fault !== null ? fault.slow : 0);
    if (ms > 0) await delay(ms);
  }
}

/** Sends what there is to send, and writes down how it ends. */
class Sending {
  readonly #response: ServerResponse;
  readonly #entry: LoggedRequest;
  readonly #now: () => number;

  constructor(response: ServerResponse, entry: LoggedRequest, now: () => number) {
    this.#response = response;
    this.#entry = entry;
    this.#now = now;
    response.on("close", () => this.#ended("abandoned"));
  }

  /** The first end counts. */
  #ended(outcome: Outcome): void {
    if (this.#entry.outcome !== "open") return;
    this.#entry.outcome = outcome;
    this.#entry.endedAt = this.#now();
  }

  failure({ status, headers, body }: Failure, outcome: Outcome): void {
    const [type, text] = typeof body === "string" ? ["text/html", body] : ["application/json", JSON.stringify(body)];
    this.#entry.status = status;
    this.#ended(outcome);
    this.#response.writeHead(status, { ...headers, "content-type": type, "content-length": Buffer.byteLength(text) });
    this.#response.end(text);
  }

  /** Destroys the connection. */
  destroy(): void {
    this.#ended("faulted");
    this.#response.destroy();
  }

  async reply(
    { body }: Reply,
    headers: Readonly<Record<string, string>>,
    fault: Fault | null,
    errorEvent: string,
    eventDelay: number,
  ): Promise<void> {
    const response = this.#response;
    if (response.destroyed) return;
    this.#entry.status = 200;
    if (fault === "html") {
      this.#ended("faulted");
      response.writeHead(200, { ...headers, "content-type": "text/html" }).end("<html><h1>Please stand by</h1></html>");
    } else if (isStream(body)) {
      response.writeHead(200, {
        ...headers,
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache",
      });
      await this.#stream(body, fault, errorEvent, eventDelay);
    } else this.#whole(JSON.stringify(body), headers, fault);
  }

  #whole(text: string, headers: Readonly<Record<string, string>>, fault: Fault | null): void {
    const bytes = Buffer.from(text);
    const half = bytes.subarray(0, bytes.length >> 1);
    const sent = fault === "end" || fault === "error-event" ? half : bytes;
    this.#response.writeHead(200, { ...headers, "content-type": "application/json", "content-length": sent.length });
    if (fault === "cut") this.#response.write(half, () => this.destroy());
    else this.#response.end(sent, () => this.#ended(sent === half ? "faulted" : "answered"));
  }

  /** Half of the events when something is to go wrong, the last of them not whole when it is to be cut. */
  async #stream(events: readonly string[], fault: Fault | null, errorEvent: string, eventDelay: number): Promise<void> {
    const broken = fault === "cut" || fault === "end" || fault === "error-event";
    const sent = broken ? events.slice(0, events.length >> 1) : [...events];
    if (fault === "cut") sent.push(events[sent.length]!.slice(0, 20));
    if (fault === "error-event") sent.push(errorEvent);
    if (eventDelay === 0) sent.splice(0, sent.length, sent.join(""));
    const response = this.#response;
    for (const event of sent) {
      if (response.destroyed) return;
      await new Promise((written) => response.write(event, written));
      if (eventDelay > 0) await delay(eventDelay);
    }
    if (fault === "cut") this.destroy();
    else response.end(() => this.#ended(broken ? "faulted" : "answered"));
  }
}

const isStream = (body: Reply["body"]): body is readonly string[] => Array.isArray(body);

/** All of it; null when the client has gone. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return null;
  }
  return Buffer.concat(chunks);
}

function parsed(bytes: Buffer): Body | null {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function idOf({ headers, body }: { headers: IncomingMessage["headers"]; body: Body }, prompt: string): string {
  const given: unknown = headers["x-client-request-id"] ?? headers["idempotency-key"] ?? body["metadata"]?.id;
  return typeof given === "string" ? given : prompt;
}

/** The answer that is an error by plan. */
function failureOf(fault: Fault | null, api: Api, serial: number): Failure | null {
  if (fault === "quota") return api.quota(serial);
  if (typeof fault !== "number") return null;
  if (fault !== 429) return api.failure(fault, serial);
  const state = { wait: 1000, remaining: 0, reset: 1000 };
  const limits = [{ dimension: "requests", limit: 1, state }] as const;
  return api.refusal({ refusedBy: "requests", wait: 1000, limits }, serial);
}
