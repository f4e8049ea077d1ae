import { existsSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Coroutine, coroutine } from "tsyncio";
import type { ItemId } from "../input/item-id.ts";
import { OutputLock } from "../journal/output-lock.ts";
import { AppendFile } from "./append-file.ts";
import type { BatchOutput, ResultStore } from "./batch-output.ts";
import { type BatchResult, resultLine } from "./batch-result.ts";
import { DiskSync, type SyncPolicy, checkSync } from "./disk-sync.ts";
import { InOrderStore, pendingPath } from "./in-order-store.ts";
import { LineCopy } from "./line-copy.ts";
import { mendEnd } from "./mend-end.ts";
import { scanResults } from "./scan-results.ts";

/** Options of `jsonlOutput`. */
export interface JsonlOutputOptions {
  /** In which order results stand in the file: "any" (as they come), or that of the input. Default: "any". */
  readonly order?: "any" | "input";
  /** When results are forced to the disk. Default: "1s". */
  readonly sync?: SyncPolicy;
  /**
   * With `order: "input"`: how far the items that are sent may be ahead of the first that has no result. Results that wait
   * for it are in a file beside, `<name>.pending`. Default: 10,000.
   */
  readonly window?: number;
}

const WINDOW = 10_000;

/**
 * Results as lines of JSON, appended to a file: see `BatchResult` for what they say. The file is made when it is not there.
 *
 * With `order: "input"` the file is at every moment a beginning of the results in the order of the input.
 *
 * @throws {TypeError} for options that have no meaning.
 * @throws {RangeError} for a window that is no whole number of at least 1.
 */
export function jsonlOutput(path: string | URL, options: JsonlOutputOptions = {}): BatchOutput {
  const { order = "any", sync = "1s", window = WINDOW } = options;
  const name = path instanceof URL ? fileURLToPath(path) : path;
  if (typeof name !== "string" || name === "")
    throw new TypeError(`Cannot write results: expected the name of a file, received ${String(path)}`);
  if (order !== "any" && order !== "input")
    throw new TypeError(`Cannot write results in order "${String(order)}": expected "any" or "input"`);
  if (!Number.isInteger(window) || window < 1)
    throw new RangeError(`Cannot write results: window must be an integer >= 1, received ${String(window)}`);
  const policy = checkSync(sync);
  return {
    name,
    open() {
      const lock = OutputLock.take(name);
      try {
        const file = new AppendFile(name);
        const mended = mendEnd(file);
        return order === "any"
          ? new JsonlStore(file, lock, mended, policy)
          : new InOrderStore(file, lock, mended, policy, window);
      } catch (error) {
        lock.release();
        throw error;
      }
    },
  };
}

/** Results in the order in which they come. */
class JsonlStore implements ResultStore {
  readonly mended: number;
  #file: AppendFile;
  readonly #lock: OutputLock;
  readonly #policy: number | "always" | null;
  #sync: DiskSync;

  constructor(file: AppendFile, lock: OutputLock, mended: number, policy: number | "always" | null) {
    this.mended = mended;
    this.#file = file;
    this.#lock = lock;
    this.#policy = policy;
    this.#sync = new DiskSync([file], policy);
  }

  recorded(see: (id: ItemId, ok: boolean) => boolean): Coroutine<void> {
    return reading(this, see);
  }

  /** @internal What an earlier run in the order of the input has left beside comes along. */
  *read(see: (id: ItemId, ok: boolean) => boolean): Generator<unknown, void, any> {
    const { path, size } = this.#file;
    yield* scanResults(path, size, ({ id, ok }) => void see(id, ok));
    const beside = pendingPath(path);
    if (!existsSync(beside)) return;
    const pending = new AppendFile(beside);
    const copy = new LineCopy(this.#file);
    mendEnd(pending);
    yield* scanResults(beside, pending.size, ({ id, ok }, _, line) => {
      if (see(id, ok)) copy.add(line);
    });
    copy.flush();
    pending.close();
    this.#file.syncNow();
    rmSync(beside);
  }

  forgetFailed(): Coroutine<number> {
    return forgetting(this);
  }

  /** @internal */
  *rewrite(): Generator<unknown, number, any> {
    const { path, size } = this.#file;
    const beside = `${path}.new`;
    rmSync(beside, { force: true });
    const kept = new AppendFile(beside);
    const copy = new LineCopy(kept);
    let forgotten = 0;
    yield* scanResults(path, size, ({ ok }, _, line) => {
      if (ok) copy.add(line);
      else forgotten++;
    });
    copy.flush();
    if (forgotten > 0) kept.syncNow();
    kept.close();
    if (forgotten === 0) rmSync(beside);
    else {
      renameSync(beside, path);
      this.#file.close();
      this.#file = new AppendFile(path);
      this.#sync = new DiskSync([this.#file], this.#policy);
    }
    return forgotten;
  }

  write(result: BatchResult): Coroutine<void> | undefined {
    this.#file.append(resultLine(result));
    return this.#sync.written();
  }

  close(): Coroutine<void> {
    return closing(this);
  }

  /** @internal */
  *end(): Generator<unknown, void, any> {
    try {
      yield* this.#sync.close();
    } finally {
      this.#file.close();
      this.#lock.release();
    }
  }
}

const reading = coroutine(function* recorded(store: JsonlStore, see: (id: ItemId, ok: boolean) => boolean) {
  yield* store.read(see);
});
const forgetting = coroutine(function* forgetFailed(store: JsonlStore) {
  return yield* store.rewrite();
});
const closing = coroutine(function* close(store: JsonlStore) {
  yield* store.end();
});
