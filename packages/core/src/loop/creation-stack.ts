/** Whether coroutines note where they are made: on in debug mode. */
export const tracing: { on: boolean } = { on: false };

/** Where something was made: the JavaScript stack without its first line, at most ten frames. For debug mode. */
export function creationStack(): string {
  const holder: { stack?: string } = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 10;
  if (Error.captureStackTrace === undefined) holder.stack = new Error("made").stack ?? "";
  else Error.captureStackTrace(holder, creationStack);
  if (limit !== undefined) Error.stackTraceLimit = limit;
  const stack = holder.stack ?? "";
  return stack.slice(stack.indexOf("\n") + 1);
}
