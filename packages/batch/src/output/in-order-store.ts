import { renameSync, rmSync } from "node:fs";
import { type Coroutine, Event, coroutine } from "tsyncio";
import type { ItemId } from "../input/item-id.ts";
import type { OutputLock } from "../journal/output-lock.ts";
import { AppendFile } from "./append-file.ts";
import type { Ordering, ResultStore } from "./batch-output.ts";
import { type BatchResult, resultLine } from "./batch-result.ts";
import { DiskSync } from "./disk-sync.ts";
import { LineCopy } from "./line-copy.ts";
import { mendEnd } from "./mend-end.ts";
import { type Place, scanResults } from "./scan-results.ts";

/** The file may grow to this before the lines in it that have moved on are thrown away. */
const WASTE = 4 * 2 ** 20;

/** Where results are that wait for earlier ones. */
export function pendingPath(path: string): string {
  return `${path}.pending`;
}

/**
 * Results in the order of the input. One that comes before its turn waits in the file beside, as durable as the others; in memory is
 * only where it stands there.
 *
 * | position | its result is |
 * |---|---|
 * | below `#head` | in the output, or in no need of one |
 * | in `#ready` | in the pending file, or in no need of one (null) |
 * | any other | expected |
 */
export class InOrderStore implements ResultStore, Ordering {
  readonly mended: number;
  readonly ordering: Ordering = this;
  readonly #file: AppendFile;
  #pending: AppendFile;
  readonly #lock: OutputLock;
  readonly #window: number;
  readonly #sync: DiskSync;
  #head = 0;
  readonly #ready: Map<number, Place | null> = new Map();
  /** Results of earlier runs in the pending file, whose position is not known yet. */
  readonly #earlier: Map<string, Place> = new Map();
  /** How many bytes of the pending file are still needed. */
  #live = 0;
  readonly #moved: Event = new Event();

  constructor(file: AppendFile, lock: OutputLock, mended: number, policy: number | "always" | null, window: number) {
    this.#file = file;
    this.#lock = lock;
    this.#window = window;
    this.#pending = new AppendFile(pendingPath(file.path));
    this.mended = mended + mendEnd(this.#pending);
    this.#sync = new DiskSync([file, this.#pending], policy);
  }

  recorded(see: (id: ItemId, ok: boolean) => boolean): Coroutine<void> {
    return reading(this, see);
  }

  /** @internal */
  *read(see: (id: ItemId, ok: boolean) => boolean): Generator<unknown, void, any> {
    yield* scanResults(this.#file.path, this.#file.size, ({ id, ok }) => void see(id, ok));
    yield* scanResults(this.#pending.path, this.#pending.size, ({ id, ok }, place) => {
      // What is in the output already was on its way there when the process died.
      if (!see(id, ok)) return;
      this.#earlier.set(String(id), place);
      this.#live += place.length;
    });
  }

  forgetFailed(): Coroutine<number> {
    return forgetting(this);
  }

  /** @internal The output must not have gaps: what stands behind its first failure has to wait for it again. */
  *rewrite(): Generator<unknown, number, any> {
    let forgotten = 0;
    let gap = -1;
    const later = this.#replacement();
    const copy = new LineCopy(later);
    yield* scanResults(this.#file.path, this.#file.size, ({ ok }, { offset }, line) => {
      if (!ok) {
        forgotten++;
        if (gap === -1) gap = offset;
      } else if (gap !== -1) copy.add(line);
    });
    yield* scanResults(this.#pending.path, this.#pending.size, ({ ok }, _, line) => {
      if (ok) copy.add(line);
      else forgotten++;
    });
    copy.flush();
    this.#replacePending(later);
    if (gap !== -1) this.#file.truncate(gap);
    return forgotten;
  }

  room(position: number): Coroutine<void> {
    return waiting(this, position);
  }

  /** @internal */
  *wait(position: number): Generator<unknown, void, any> {
    while (position - this.#head >= this.#window) {
      this.#moved.clear();
      yield* this.#moved.wait();
    }
  }

  taken(position: number, id: ItemId): void {
    const key = String(id);
    this.#ready.set(position, this.#earlier.get(key) ?? null);
    this.#earlier.delete(key);
    this.#advance();
  }

  write(result: BatchResult, position: number): Coroutine<void> | undefined {
    const line = resultLine(result);
    if (position === this.#head) {
      this.#file.append(line);
      this.#head++;
      this.#advance();
      this.#moved.set();
    } else {
      this.#ready.set(position, { offset: this.#pending.append(line), length: line.length });
      this.#live += line.length;
    }
    return this.#sync.written();
  }

  #advance(): void {
    const from = this.#head;
    for (;;) {
      const place = this.#ready.get(this.#head);
      if (place === undefined) break;
      this.#ready.delete(this.#head);
      if (place !== null) this.#move(place);
      this.#head++;
    }
    if (this.#head > from) this.#moved.set();
    if (this.#pending.size - this.#live > Math.max(WASTE, this.#live)) this.#compact();
  }

  #move({ offset, length }: Place): void {
    this.#file.append(this.#pending.read(offset, length));
    this.#live -= length;
  }

  /** A new pending file of what is still needed. Only after the output is safe, to which the rest has moved. */
  #compact(): void {
    this.#file.syncNow();
    const next = this.#replacement();
    const copy = new LineCopy(next);
    const moved = (place: Place): Place => ({
      offset: copy.add(this.#pending.read(place.offset, place.length - 1)),
      length: place.length,
    });
    for (const [position, place] of this.#ready) if (place !== null) this.#ready.set(position, moved(place));
    for (const [key, place] of this.#earlier) this.#earlier.set(key, moved(place));
    copy.flush();
    this.#replacePending(next);
  }

  #replacement(): AppendFile {
    const path = `${pendingPath(this.#file.path)}.new`;
    rmSync(path, { force: true });
    return new AppendFile(path);
  }

  #replacePending(next: AppendFile): void {
    next.syncNow();
    next.close();
    const { path } = this.#pending;
    renameSync(next.path, path);
    this.#sync.replace(this.#pending, (this.#pending = new AppendFile(path)));
  }

  close(complete: boolean): Coroutine<void> {
    return closing(this, complete);
  }

  /** @internal */
  *end(complete: boolean): Generator<unknown, void, any> {
    try {
      // Of ids that the input has no more: they are results all the same.
      if (complete) for (const place of this.#earlier.values()) this.#move(place);
      yield* this.#sync.close();
      if (this.#live === 0) rmSync(this.#pending.path);
    } finally {
      this.#file.close();
      this.#pending.close();
      this.#lock.release();
    }
  }
}

const reading = coroutine(function* recorded(store: InOrderStore, see: (id: ItemId, ok: boolean) => boolean) {
  yield* store.read(see);
});
const forgetting = coroutine(function* forgetFailed(store: InOrderStore) {
  return yield* store.rewrite();
});
const waiting = coroutine(function* room(store: InOrderStore, position: number) {
  yield* store.wait(position);
});
const closing = coroutine(function* close(store: InOrderStore, complete: boolean) {
  yield* store.end(complete);
});
