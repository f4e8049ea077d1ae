import type { Dispatcher } from "undici";
import type { EventLoop, Future } from "tsyncio";
import { BodyTooLargeError, type HttpError } from "../errors.ts";
import { HttpHeaders } from "../message/headers.ts";
import { ArrivingBody } from "./arriving-body.ts";
import { Patience } from "./patience.ts";
import type { WireRequest, WireResponse } from "./transport.ts";
import { timeoutError, wireError } from "./wire-errors.ts";

const NOTHING = new Uint8Array(0);
/** Thrown where undici is about to send: it drops the request and keeps the connection. */
const GIVEN_UP = new Error("given up");

type Phase = "queued" | "sent" | "answered" | "over";

/**
 * One request on a connection, and what undici tells of it.
 *
 * | phase | entered by | left by |
 * |---|---|---|
 * | queued | constructor: undici looks first whether the connection has come to its end | onConnect() |
 * | sent | onConnect() | onHeaders() |
 * | answered | onHeaders() | onComplete() |
 * | over | onComplete(), onError(), abandon(), a time limit, a body that is too large | |
 *
 * undici lets go of the connection in the end (`released`), which may be after it is over.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  /** The answer: when its headers are there, or all of it. */
  readonly response: Future<WireResponse>;
  /** It has failed before anything was sent: the connection had come to its end. */
  neverSent = false;
  readonly #request: WireRequest;
  readonly #released: () => void;
  readonly #patience: Patience;
  #phase: Phase = "queued";
  #abort: ((error?: Error) => void) | null = null;
  #held = true;
  #status = 0;
  #statusText = "";
  #headers: HttpHeaders | null = null;
  #parts: Uint8Array[] | null = null;
  #size = 0;
  #body: ArrivingBody | null = null;
  /** What is to end with it: the task that sends a body. */
  #ended: (() => void) | null = null;

  /** @param released is called once, when the connection is free or gone. */
  constructor(loop: EventLoop, request: WireRequest, released: () => void) {
    this.response = loop.createFuture<WireResponse>();
    this.#request = request;
    this.#released = released;
    this.#patience = new Patience(loop, () => this.#late());
  }

  get over(): boolean {
    return this.#phase === "over";
  }

  /** Calls `fn` when it is over. */
  whenOver(fn: () => void): void {
    if (this.over) fn();
    else this.#ended = fn;
  }

  /** While the body is sent: the server has time for each part that it is to take, and none passes while there is no part. */
  waitsFor(whom: "source" | "server"): void {
    if (this.#phase === "sent") this.#patience.begin(whom === "server" ? this.#request.timeouts.headers : null);
  }

  /** Nobody waits for it any more: it is closed on the wire. */
  abandon(): void {
    if (this.over) return;
    this.#end();
    this.#abort?.(GIVEN_UP);
  }

  onConnect(abort: (error?: Error) => void): void {
    if (this.over) throw GIVEN_UP;
    this.#abort = abort;
    this.#phase = "sent";
    this.#patience.begin(this.#request.timeouts.headers);
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void, statusText: string): boolean {
    if (status < 200 || this.over) return true;
    this.#phase = "answered";
    this.#status = status;
    this.#statusText = statusText;
    this.#headers = HttpHeaders.ofRaw(raw);
    if (!this.#request.whole) return this.#giveHead(resume);
    this.#patience.begin(this.#request.timeouts.body);
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.over) return true;
    const { maxBodySize } = this.#request;
    this.#size += chunk.length;
    if (maxBodySize !== null && this.#size > maxBodySize) {
      this.#fail(this.#tooLarge(maxBodySize));
      return true;
    }
    if (this.#body !== null) return this.#body.push(chunk);
    this.#patience.renew();
    if (this.#parts === null) this.#parts = [chunk];
    else this.#parts.push(chunk);
    return true;
  }

  onComplete(): void {
    if (!this.over) {
      this.#end();
      if (this.#body !== null) this.#body.complete();
      else this.#settle(this.#whole());
    }
    this.#release();
  }

  onError(error: Error): void {
    if (!this.over) {
      this.neverSent = this.#phase === "queued";
      this.#end();
      this.#tell(wireError(this.#request, error, this.#status || null));
    }
    this.#release();
  }

  /** Fails with what is no error of the wire: what the body to be sent has thrown. */
  fail(error: unknown): void {
    if (!this.over) this.#fail(error);
  }

  #giveHead(resume: () => void): boolean {
    const { timeouts } = this.#request;
    this.#patience.begin(null);
    const body = new ArrivingBody({
      loop: this.response.getLoop(),
      resume,
      patience: this.#patience,
      limit: timeouts.body,
      cancel: () => this.abandon(),
    });
    this.#body = body;
    this.#settle(body);
    return true;
  }

  #whole(): Uint8Array {
    const parts = this.#parts;
    if (parts === null) return NOTHING;
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts, this.#size);
  }

  #settle(body: WireResponse["body"]): void {
    if (this.response.done()) return;
    this.response.setResult({
      status: this.#status,
      statusText: this.#statusText,
      headers: this.#headers as HttpHeaders,
      body,
    });
  }

  #late(): void {
    const { headers, body } = this.#request.timeouts;
    const answered = this.#phase === "answered";
    const limit = (answered ? body : headers) as number;
    this.#fail(timeoutError(this.#request, answered ? "body" : "headers", limit, this.#status || null));
  }

  #tooLarge(limit: number): HttpError {
    const { method, url } = this.#request;
    return new BodyTooLargeError(`the body is larger than ${limit} bytes (maxBodySize)`, {
      method,
      url,
      status: this.#status,
    });
  }

  #fail(error: unknown): void {
    this.#end();
    this.#tell(error);
    this.#abort?.(GIVEN_UP);
  }

  #tell(error: unknown): void {
    if (this.#body !== null) this.#body.fail(error);
    else if (!this.response.done()) this.response.setException(error);
  }

  #end(): void {
    this.#phase = "over";
    this.#patience.end();
    const ended = this.#ended;
    this.#ended = null;
    ended?.();
  }

  #release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#released();
  }
}
