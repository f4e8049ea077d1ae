import type { Transferable } from "node:worker_threads";

/** A value and what of it is moved instead of copied. */
export class Transferred {
  readonly value: unknown;
  readonly list: readonly Transferable[];

  constructor(value: unknown, list: readonly Transferable[]) {
    this.value = value;
    this.list = list;
  }
}

/**
 * Moves memory to another thread instead of copying it: wrap an argument, or in the worker the result. The buffers of
 * `list` can no longer be used on this side. Processes have no memory in common: there it is copied all the same.
 *
 * ```ts
 * await toThread(work.blur, transfer(pixels, [pixels.buffer]));
 * ```
 *
 * @param list what to move; default: `value` itself, or the buffer of a typed array.
 */
export function transfer<T>(value: T, list?: readonly Transferable[]): T {
  const moved = list ?? [(ArrayBuffer.isView(value) ? value.buffer : value) as Transferable];
  return new Transferred(value, moved) as T;
}
