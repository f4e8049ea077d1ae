import type { Context } from "../loop/context.ts";
import type { EventLoop } from "../loop/event-loop.ts";
import type { Future } from "./future.ts";
import { creations } from "../loop/creation-stack.ts";
import { onTurnEnd } from "../loop/turn-end.ts";
import { Unclaimed } from "../loop/unclaimed.ts";

interface Loss {
  readonly loop: EventLoop;
  readonly text: string;
  readonly error: unknown;
  /** Of a task: what it was in. */
  readonly context: Context | undefined;
  readonly source: string | undefined;
}

/** Failures of this turn; most are read before it ends and cost nothing more. */
let recent: Future<any>[] = [];
const losses = new Unclaimed<Future<any>, Loss>(report);
const UNREAD = 4;

/** @internal */
export function noteFailure(future: Future<any>): void {
  recent.push(future);
}

/** @internal */
export function retrieved(future: Future<any>): void {
  losses.claim(future);
}

function report(loss: Loss, future: Future<any> | undefined): void {
  if (future !== undefined) future.state &= ~UNREAD;
  if (loss.loop.isClosed()) return;
  const { source } = loss;
  const tell = (): void =>
    loss.loop.callExceptionHandler({
      message: loss.text,
      exception: loss.error,
      ...(future === undefined ? undefined : { future }),
      ...(source === undefined ? undefined : { sourceTraceback: source }),
    });
  if (future === undefined && loss.context !== undefined) loss.context.within(tell);
  else tell();
}

function settleRecent(): void {
  if (recent.length === 0) return;
  const before = recent;
  recent = [];
  for (const future of before) {
    if ((future.state & UNREAD) === 0) continue;
    // Until its stack is read, an error holds what its frames worked on: this very future.
    void (future.value as { stack?: unknown } | null | undefined)?.stack;
    losses.add(future, {
      loop: future.loop,
      text: `${future.constructor.name} exception was never retrieved`,
      error: future.value,
      context: (future as { context?: Context }).context,
      source: creations.get(future),
    });
  }
}

/** @internal Reports every failure on `loop` that nobody has read: `run` ends with it. */
export function reportUnretrieved(loop: EventLoop): void {
  settleRecent();
  losses.tellAll((loss) => loss.loop === loop);
}

onTurnEnd(settleRecent);
