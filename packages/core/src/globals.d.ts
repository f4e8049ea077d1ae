/**
 * Everything the core uses of the JavaScript host it runs on, beyond the language itself.
 *
 * The core is compiled without Node's types and without the DOM's, so that a name which some host lacks
 * cannot slip in: what is not declared here does not exist. `| undefined` marks what a host may lack.
 */

interface Console {
  log(...data: unknown[]): void;
  warn(...data: unknown[]): void;
  error(...data: unknown[]): void;
}
declare var console: Console;

interface Performance {
  now(): number;
}
declare var performance: Performance;

interface TimerObject {
  ref(): this;
  unref(): this;
}
/** Browsers give a number, Node an object. */
type HostTimeout = number | TimerObject;
declare function setTimeout(callback: () => void, milliseconds?: number): HostTimeout;
declare function clearTimeout(timeout: HostTimeout | undefined): void;

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
declare var AbortController: new () => AbortController;

interface ErrorConstructor {
  captureStackTrace?(target: object, constructor?: Function): void;
  stackTraceLimit?: number;
}

interface ImportMeta {
  readonly url?: string;
}
