import { closeSync, fdatasync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { BatchError } from "../errors.ts";

/**
 * A file that grows at its end. Writes are synchronous: an answer that has come is in the hands of the operating system before
 * anything else runs, so that the death of the process cannot lose it.
 */
export class AppendFile {
  readonly path: string;
  #fd: number;
  #size: number;

  /** @throws {BatchError} when it cannot be opened or made. */
  constructor(path: string) {
    this.path = path;
    try {
      this.#fd = openSync(path, "a+");
    } catch (error) {
      throw new BatchError(`Cannot write ${path}: ${(error as Error).message}`, { cause: error });
    }
    this.#size = fstatSync(this.#fd).size;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Appends, and gives the offset where it stands now.
   *
   * @throws {BatchError} when not everything could be written (the disk is full): nothing of it is left then.
   */
  append(bytes: Uint8Array): number {
    const offset = this.#size;
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(this.#fd, bytes, done, bytes.length - done);
    } catch (error) {
      try {
        ftruncateSync(this.#fd, offset);
      } catch {
        // The next run mends it.
      }
      throw new BatchError(`Cannot write ${this.path}: ${(error as Error).message}`, { cause: error });
    }
    this.#size = offset + bytes.length;
    return offset;
  }

  read(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const count = readSync(this.#fd, bytes, done, length - done, offset + done);
      if (count === 0) break;
      done += count;
    }
    return bytes.subarray(0, done);
  }

  truncate(size: number): void {
    ftruncateSync(this.#fd, size);
    this.#size = size;
  }

  /** Has the disk keep what was written. */
  sync(done: (error: Error | null) => void): void {
    fdatasync(this.#fd, done);
  }

  syncNow(): void {
    fdatasyncSync(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }
}
