import type { Context } from "./context.ts";
import type { EventLoop } from "./event-loop.ts";
import { KeyboardInterrupt } from "../errors.ts";

/** What the exception handler is told. `message` is always there; the rest depends on what happened. */
export interface ExceptionContext {
  readonly message: string;
  readonly exception?: unknown;
  readonly task?: unknown;
  readonly future?: unknown;
  readonly handle?: unknown;
  readonly asyncgen?: unknown;
  /** Where the object was made, in debug mode. */
  readonly sourceTraceback?: string;
  readonly [key: string]: unknown;
}

/** Hears of errors that nobody else can: see `EventLoop.setExceptionHandler`. */
export type ExceptionHandler = (loop: EventLoop, context: ExceptionContext) => void;

export function defaultExceptionHandler(context: ExceptionContext): void {
  const lines = [context.message || "Unhandled exception in event loop"];
  for (const key of Object.keys(context).sort()) {
    if (key === "message" || key === "exception") continue;
    const value = context[key];
    lines.push(key === "sourceTraceback" ? `made at:\n${String(value)}` : `${key}: ${textOf(value)}`);
  }
  if ("exception" in context) console.error(lines.join("\n"), context.exception);
  else console.error(lines.join("\n"));
}

/** What a handler was told that failed itself is shown by what it says. */
function textOf(value: unknown): string {
  if (Object.prototype.toString.call(value) !== "[object Object]") return String(value);
  const { message, exception } = value as ExceptionContext;
  if (typeof message !== "string") return String(value);
  return exception === undefined ? message : `${message}: ${String(exception)}`;
}

interface HasContext {
  getContext?(): Context | undefined;
}

function contextOf(context: ExceptionContext): Context | undefined {
  const owner = (context.task ?? context.future ?? context.handle) as HasContext | undefined;
  return owner?.getContext?.();
}

/** Calls the handler in the context of what failed. A handler that fails itself is reported by the loop's default one. */
export function reportException(loop: EventLoop, handler: ExceptionHandler | null, context: ExceptionContext): void {
  try {
    if (handler === null) return loop.defaultExceptionHandler(context);
    const inside = contextOf(context);
    if (inside === undefined) handler(loop, context);
    else inside.within(handler, loop, context);
  } catch (error) {
    if (error instanceof KeyboardInterrupt) throw error;
    if (handler === null) return console.error("Exception in default exception handler", error);
    try {
      loop.defaultExceptionHandler({ message: "Unhandled error in exception handler", exception: error, context });
    } catch (second) {
      console.error(
        "Exception in default exception handler while handling an unexpected error in custom exception handler",
        second,
      );
    }
  }
}
