import type { GeneratorCoroutine } from "./generator-coroutine.ts";
import { tracing } from "../loop/creation-stack.ts";
import { exec } from "../loop/execution.ts";
import { platformHost } from "../loop/host.ts";
import { onTurnEnd } from "../loop/turn-end.ts";

type Unknown = GeneratorCoroutine<unknown>;

/** In debug mode: where each was made. */
export const sources: WeakMap<object, string> = new WeakMap();

/** What the status of a coroutine that has not begun has none of. */
const BEGUN = 12;
/** In the status of a coroutine that was not entered by the end of the turn in which it was made. */
export const WATCHED = 16;

/** Made, and not entered before the next one was made. In pieces: a large array that grows costs more than all the rest. */
let suspects: Unknown[] = [];
let sieved: Unknown[][] = [];
const PIECE = 4096;
/** What to say of those that are watched, should they be collected or the program end. */
const watched = new Map<WeakRef<Unknown>, string>();
const refs = new WeakMap<Unknown, WeakRef<Unknown>>();
const collected = new FinalizationRegistry<WeakRef<Unknown>>((ref) => {
  const text = watched.get(ref);
  if (watched.delete(ref)) console.warn(text);
});
let exitWatched = false;
/** In debug mode: made in the turn before this one. */
let late: WeakRef<Unknown>[] = [];
const reportedPlaces = new Set<string>();

/** @internal */
export function created(co: Unknown): void {
  if (suspects.push(co) < PIECE) return;
  sieved.push(suspects.filter(isNew));
  suspects = [];
}

function isNew(co: Unknown): boolean {
  return (co.status & BEGUN) === 0;
}

function madeAt(co: Unknown): string {
  const source = sources.get(co);
  return source === undefined ? "" : `\nmade at:\n${source}`;
}

function watch(co: Unknown): void {
  const ref = new WeakRef(co);
  const { name } = co;
  co.status |= WATCHED;
  refs.set(co, ref);
  watched.set(
    ref,
    `tsyncio: coroutine "${name}" was never awaited; write await ${name}(...) or createTask(${name}(...))${madeAt(co)}`,
  );
  collected.register(co, ref, ref);
  if (tracing.on) late.push(ref);
}

/** @internal It is awaited, scheduled or closed after all. */
export function unwatch(co: Unknown): void {
  const ref = refs.get(co) as WeakRef<Unknown>;
  co.status &= ~WATCHED;
  refs.delete(co);
  watched.delete(ref);
  collected.unregister(ref);
}

/**
 * In debug mode a coroutine that has waited for its start for a whole turn is reported then: one that was made by a plain
 * callback would never start, and nothing else tells. Once for each place.
 */
function reportLate(): void {
  const before = late;
  late = [];
  for (const ref of before) {
    const co = ref.deref();
    if (co === undefined || (co.status & WATCHED) === 0) continue;
    unwatch(co);
    const place = madeAt(co);
    if (reportedPlaces.has(place)) continue;
    reportedPlaces.add(place);
    console.warn(
      `tsyncio: coroutine "${co.name}" was made and not started within a turn of the loop; await it or schedule it with createTask(). Where a coroutine function is called back, pass spawning(${co.name})${place}`,
    );
  }
}

function reportTheRest(): void {
  settleSuspects();
  for (const text of watched.values()) console.warn(text);
  watched.clear();
}

function settleSuspects(): void {
  if (late.length > 0) reportLate();
  const { newest } = exec;
  exec.newest = null;
  if (newest !== null) suspects.push(newest);
  if (suspects.length === 0 && sieved.length === 0) return;
  const pieces = [...sieved, suspects];
  suspects = [];
  sieved = [];
  for (const piece of pieces) for (const co of piece) if (isNew(co)) watch(co);
  if (exitWatched) return;
  exitWatched = true;
  platformHost().onExit?.(reportTheRest);
}

onTurnEnd(settleSuspects);
