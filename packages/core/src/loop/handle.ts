import type { Context } from "./context.ts";
import type { EventLoop } from "./event-loop.ts";
import type { TimerEntry } from "./timer-heap.ts";
import { KeyboardInterrupt } from "../errors.ts";
import { brief } from "./brief.ts";
import { placeOf } from "./creation-stack.ts";
import { exec } from "./execution.ts";
import { shownAsText } from "./shown-as-text.ts";

/** @internal How a callback is named in messages. */
export function callbackName(callback: unknown): string {
  // In one file with others of its name it was given a number.
  const name = typeof callback === "function" ? callback.name.replace(/\$\d+$/, "") : "";
  return name === "" ? "an anonymous callback" : `${name}()`;
}

/**
 * A callback that `callSoon` has put into the ready queue.
 *
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.Handle
 */
export class Handle implements TimerEntry {
  /** @internal */ readonly loop: EventLoop;
  /** @internal */ callback: ((...args: any[]) => unknown) | undefined;
  /** @internal */ args: unknown[];
  /** @internal */ context: Context | undefined;
  /** @internal The stack where it was made, in debug mode. */
  source: string | undefined = undefined;
  /** @internal What it was to call, once it is cancelled in debug mode. */
  declare dropped?: string;
  static {
    shownAsText(this.prototype);
  }

  /** @internal */
  constructor(loop: EventLoop, callback: (...args: any[]) => unknown, args: unknown[], context: Context | undefined) {
    this.loop = loop;
    this.callback = callback;
    this.args = args;
    this.context = context;
  }

  /** The callback will not run. Cancelling twice, or after it ran, does nothing. */
  cancel(): void {
    if (this.source !== undefined && this.callback !== undefined) this.dropped = callText(this);
    this.callback = undefined;
    this.args = [];
  }

  cancelled(): boolean {
    return this.callback === undefined;
  }

  /** The context that the callback runs in; undefined for an empty one. */
  getContext(): Context | undefined {
    return this.context;
  }

  /** @internal */
  get dead(): boolean {
    return this.callback === undefined;
  }

  /** @internal */
  fire(): void {
    const { callback } = this;
    if (callback === undefined) return;
    exec.task = null;
    exec.context = this.context;
    try {
      callback(...this.args);
    } catch (error) {
      if (error instanceof KeyboardInterrupt) throw error;
      this.loop.callExceptionHandler({
        message: `Exception in callback ${callbackName(callback)}`,
        exception: error,
        handle: this,
        ...(this.source === undefined ? undefined : { sourceTraceback: this.source }),
      });
    }
  }

  /** What it calls; in debug mode with what, and where it was made. */
  toString(): string {
    const cancelled = this.callback === undefined ? " cancelled" : "";
    const call = this.callback === undefined ? this.dropped : callText(this);
    const place = this.source === undefined ? "" : ` made at ${placeOf(this.source)}`;
    return `<${this.constructor.name}${cancelled}${this.deadline()}${call === undefined ? "" : ` ${call}`}${place}>`;
  }

  /** @internal */ protected deadline(): string {
    return "";
  }
}

function callText({ callback, args, source }: Handle): string {
  const name = callbackName(callback);
  return source === undefined || args.length === 0 ? name : `${name.replace("()", "")}(${args.map(brief).join(", ")})`;
}

/** A callback that `callLater` or `callAt` has given a deadline. */
export class TimerHandle extends Handle {
  readonly #when: number;
  /** @internal True while the loop's timer heap holds it. */
  scheduled = true;

  /** @internal */
  constructor(
    loop: EventLoop,
    when: number,
    callback: (...args: any[]) => unknown,
    args: unknown[],
    context: Context | undefined,
  ) {
    super(loop, callback, args, context);
    this.#when = when;
  }

  /** The deadline in `loop.time()` milliseconds. */
  when(): number {
    return this.#when;
  }

  override cancel(): void {
    if (this.callback !== undefined && this.scheduled) this.loop.timers.died();
    super.cancel();
  }

  /** @internal */ protected override deadline(): string {
    return ` when=${this.#when}`;
  }

  /** @internal */
  override fire(): void {
    this.scheduled = false;
    super.fire();
  }
}
