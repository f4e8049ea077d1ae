import type { Context } from "../loop/context.ts";
import type { EventLoop } from "../loop/event-loop.ts";
import type { Future } from "./future.ts";
import { creations } from "../loop/creation-stack.ts";
import { onTurnEnd } from "../loop/turn-end.ts";

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
const losses = new Map<WeakRef<Future<any>>, Loss>();
const refs = new WeakMap<Future<any>, WeakRef<Future<any>>>();
const collected = new FinalizationRegistry<WeakRef<Future<any>>>((ref) => report(ref, undefined));
const UNREAD = 4;

/** @internal */
export function noteFailure(future: Future<any>): void {
  recent.push(future);
}

/** @internal */
export function retrieved(future: Future<any>): void {
  const ref = refs.get(future);
  if (ref === undefined) return;
  losses.delete(ref);
  collected.unregister(ref);
}

function report(ref: WeakRef<Future<any>>, future: Future<any> | undefined): void {
  const loss = losses.get(ref);
  losses.delete(ref);
  if (loss === undefined || loss.loop.isClosed()) return;
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
    const ref = new WeakRef(future);
    // Until its stack is read, an error holds what its frames worked on: this very future.
    void (future.value as { stack?: unknown } | null | undefined)?.stack;
    refs.set(future, ref);
    losses.set(ref, {
      loop: future.loop,
      text: `${future.constructor.name} exception was never retrieved`,
      error: future.value,
      context: (future as { context?: Context }).context,
      source: creations.get(future),
    });
    collected.register(future, ref, ref);
  }
}

/** @internal Reports every failure on `loop` that nobody has read: `run` ends with it. */
export function reportUnretrieved(loop: EventLoop): void {
  settleRecent();
  for (const [ref, loss] of losses) {
    if (loss.loop !== loop) continue;
    const future = ref.deref();
    report(ref, future);
    if (future !== undefined) future.state &= ~UNREAD;
  }
}

onTurnEnd(settleRecent);
