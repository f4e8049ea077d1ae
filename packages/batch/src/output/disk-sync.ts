import { type Coroutine, type Duration, Event, type EventLoop, coroutine, getRunningLoop, milliseconds } from "tsyncio";
import { BatchError } from "../errors.ts";
import type { AppendFile } from "./append-file.ts";

/**
 * When results are forced to the disk, for the case that the whole machine dies: after this time at the latest, before a result counts
 * ("always"), or when the system likes (false). The death of the process alone loses nothing in either case.
 */
export type SyncPolicy = Duration | "always" | false;

/** One write to the disk, and who waits for it. */
class Round {
  readonly over = new Event();
  error: Error | null = null;
}

/** @throws {TypeError} for what is no policy. */
export function checkSync(sync: SyncPolicy): number | "always" | null {
  if (sync === false) return null;
  if (sync === "always") return sync;
  const delay = milliseconds(sync);
  if (delay >= 0 && delay < Infinity) return delay;
  throw new RangeError(`Cannot sync results: expected a duration >= 0, "always" or false, received ${String(sync)}`);
}

/** Syncs files, several results at a time. */
export class DiskSync {
  readonly #files: AppendFile[];
  readonly #policy: number | "always" | null;
  readonly #loop: EventLoop;
  #running = false;
  #timer: { cancel(): void } | null = null;
  /** The round that begins next. */
  #next: Round | null = null;
  #failure: Error | null = null;
  readonly #replaced: AppendFile[] = [];
  #idle: Event | null = null;

  constructor(files: readonly AppendFile[], policy: number | "always" | null) {
    this.#files = [...files];
    this.#policy = policy;
    this.#loop = getRunningLoop();
  }

  /**
   * Something was written. What it gives is to be awaited.
   *
   * @throws {BatchError} when an earlier sync has failed.
   */
  written(): Coroutine<void> | undefined {
    if (this.#failure !== null) throw this.#failure;
    if (this.#policy === null) return undefined;
    if (this.#policy === "always") {
      this.#next ??= new Round();
      const round = this.#next;
      if (!this.#running) this.#start();
      return waiting(round);
    }
    this.#timer ??= this.#loop.callLater(this.#policy, () => {
      this.#timer = null;
      if (this.#running) return void this.written();
      this.#start();
    });
    return undefined;
  }

  #start(): void {
    const round = this.#next;
    this.#next = null;
    this.#running = true;
    let left = this.#files.length;
    for (const file of this.#files) {
      file.sync((error) => {
        if (error !== null) {
          this.#failure ??= new BatchError(`Cannot write ${file.path}: ${error.message}`, { cause: error });
        }
        if (--left === 0) this.#ended(round);
      });
    }
  }

  #ended(round: Round | null): void {
    this.#running = false;
    for (const file of this.#replaced.splice(0)) file.close();
    if (round !== null) {
      round.error = this.#failure;
      round.over.set();
    }
    this.#idle?.set();
    if (this.#next !== null && this.#failure === null) this.#start();
  }

  /** One file takes the place of another, which is closed as soon as nothing is under way with it. */
  replace(file: AppendFile, by: AppendFile): void {
    this.#files.splice(this.#files.indexOf(file), 1, by);
    if (this.#running) this.#replaced.push(file);
    else file.close();
  }

  /** Waits for what is under way, and syncs what is left. */
  close(): Coroutine<void> {
    return closing(this);
  }

  /** @internal */
  *settle(): Generator<unknown, void, any> {
    this.#timer?.cancel();
    this.#timer = null;
    while (this.#running) {
      this.#idle = new Event();
      yield* this.#idle.wait();
    }
    if (this.#policy !== null) for (const file of this.#files) file.syncNow();
  }
}

const waiting = coroutine(function* sync(round: Round) {
  yield* round.over.wait();
  if (round.error !== null) throw round.error;
});

const closing: (sync: DiskSync) => Coroutine<void> = coroutine(function* close(sync: DiskSync) {
  yield* sync.settle();
});
