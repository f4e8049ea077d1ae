import type { GeneratorCoroutine } from "./coroutine.ts";
import { platformHost } from "../loop/host.ts";
import { onTurnEnd } from "../loop/turn-end.ts";

type Unknown = GeneratorCoroutine<unknown>;

/** The newest coroutine, and in debug mode where each was made. */
export const fresh: { last: Unknown | null; readonly sources: WeakMap<object, string> } = {
  last: null,
  sources: new WeakMap(),
};

const ENTERED = 4;
/** Made, and not entered before the next one was made. */
let suspects: Unknown[] = [];
const SIEVE = 4096;
let sieveAt = SIEVE;
/** Not entered by the end of the turn: watched until they are collected or the program ends. */
const watched = new Map<WeakRef<Unknown>, string>();
const collected = new FinalizationRegistry<WeakRef<Unknown>>((ref) => {
  const name = watched.get(ref);
  if (!watched.delete(ref) || name === undefined) return;
  console.warn(name);
});
let exitWatched = false;

/** @internal */
export function created(co: Unknown): void {
  suspects.push(co);
  if (suspects.length < sieveAt) return;
  suspects = suspects.filter((one) => one.status < ENTERED);
  sieveAt = Math.max(SIEVE, suspects.length * 2);
}

function message(co: Unknown): string {
  const source = fresh.sources.get(co);
  return `tsyncio: coroutine "${co.name}" was never awaited; write await ${co.name}(...) or createTask(${co.name}(...))${source === undefined ? "" : `\nmade at:\n${source}`}`;
}

function watch(co: Unknown): void {
  const ref = new WeakRef(co);
  watched.set(ref, message(co));
  collected.register(co, ref);
}

function reportTheRest(): void {
  settleSuspects();
  for (const [ref, text] of watched) {
    const co = ref.deref();
    if (co !== undefined && co.status < ENTERED) console.warn(text);
  }
  watched.clear();
}

function settleSuspects(): void {
  const { last } = fresh;
  fresh.last = null;
  if (last !== null && last.status < ENTERED) suspects.push(last);
  if (suspects.length === 0) return;
  const before = suspects;
  suspects = [];
  sieveAt = SIEVE;
  for (const co of before) if (co.status < ENTERED) watch(co);
  if (!exitWatched) {
    exitWatched = true;
    platformHost().onExit?.(reportTheRest);
  }
  // What was awaited after all needs no watching.
  if (watched.size > 1024)
    for (const ref of watched.keys()) if ((ref.deref()?.status ?? 0) >= ENTERED) watched.delete(ref);
}

onTurnEnd(settleSuspects);
