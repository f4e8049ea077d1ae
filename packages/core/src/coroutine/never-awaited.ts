import type { GeneratorCoroutine } from "./generator-coroutine.ts";
import { tracing } from "../loop/creation-stack.ts";
import { exec } from "../loop/execution.ts";
import { platformHost } from "../loop/host.ts";
import { onTurnEnd } from "../loop/turn-end.ts";
import { Unclaimed } from "../loop/unclaimed.ts";

type Unknown = GeneratorCoroutine<unknown>;

/** In debug mode: where each was made. */
export const sources: WeakMap<object, string> = new WeakMap();

/** In the status of a coroutine that was not entered before the next one was made. */
export const WATCHED = 16;
/** Nor by the end of the turn in which it was made: there is something to say of it. */
const FORGOTTEN = 64;

// Copied, since an array that is made by its length has holes: V8 looks after those at each store.
const FIRST_PIECE: readonly (Unknown | null)[] = [null, null, null, null];
const LARGEST_PIECE = 4096;
/** What became watched in this turn, and may have begun since. In pieces: a large array that grows costs more than all the rest. */
let piece: (Unknown | null)[] = FIRST_PIECE.slice();
let filled = 0;
let fullPieces: (Unknown | null)[][] = [];
/** How many lie in the full pieces. */
let stored = 0;
/** How many in all pieces have not begun. */
let suspects = 0;
/** What to say of the forgotten, should they be collected or the program end. */
const forgotten = new Unclaimed<Unknown, string>((text) => console.warn(text));
let exitWatched = false;
/** In debug mode: made in the turn before this one. */
let late: WeakRef<Unknown>[] = [];
const reportedPlaces = new Set<string>();

/** @internal The next one is made, and it has not begun. */
export function created(co: Unknown): void {
  co.status |= WATCHED;
  store(co);
}

function store(co: Unknown): void {
  if (filled === piece.length) nextPiece();
  piece[filled++] = co;
  suspects++;
}

function nextPiece(): void {
  if (stored + filled > 2 * suspects) return sift(store);
  fullPieces.push(piece);
  stored += filled;
  piece = filled < LARGEST_PIECE ? piece.concat(piece, piece, piece) : piece.slice();
  filled = 0;
}

/** Begins with no pieces, and gives what has not begun to `take`. */
function sift(take: (co: Unknown) => void): void {
  piece.length = filled;
  const pieces = suspects > 0 ? [...fullPieces, piece] : [];
  piece = FIRST_PIECE.slice();
  fullPieces = [];
  filled = stored = suspects = 0;
  for (const before of pieces) siftPiece(before, take);
}

// Apart: what stands behind a loop that V8 optimises while it runs is thrown away with it.
function siftPiece(before: readonly (Unknown | null)[], take: (co: Unknown) => void): void {
  for (const co of before as Unknown[]) if ((co.status & WATCHED) !== 0) take(co);
}

function madeAt(co: Unknown): string {
  const source = sources.get(co);
  return source === undefined ? "" : `\nmade at:\n${source}`;
}

function watch(co: Unknown): void {
  const { name } = co;
  co.status |= FORGOTTEN;
  const ref = forgotten.add(
    co,
    `tsyncio: coroutine "${name}" was never awaited; write await ${name}(...) or createTask(${name}(...))${madeAt(co)}`,
  );
  if (tracing.on) late.push(ref);
}

/** @internal It is awaited, scheduled or closed after all. */
export function unwatch(co: Unknown): void {
  const { status } = co;
  co.status = status & ~(WATCHED | FORGOTTEN);
  if ((status & FORGOTTEN) === 0) suspects--;
  else forgotten.claim(co);
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
  forgotten.tellAll(() => true);
}

function settleSuspects(): void {
  if (late.length > 0) reportLate();
  const { newest } = exec;
  exec.newest = null;
  if (newest === null && filled === 0) return;
  if (newest?.isNew) created(newest);
  if (filled > 0) sift(watch);
  if (exitWatched) return;
  exitWatched = true;
  platformHost().onExit?.(reportTheRest);
}

onTurnEnd(settleSuspects);
