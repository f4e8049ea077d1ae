import type { BatchInput } from "@tsyncio/batch";

/** What was read of one item: its value, or why it has none. */
export interface ReadItem {
  readonly line: number;
  readonly value?: unknown;
  readonly fault?: string;
}

/** Every item of an input. */
export async function readAll(input: BatchInput): Promise<ReadItem[]> {
  const all: ReadItem[] = [];
  const groups = input.items();
  for (;;) {
    const { done, value: items } = await groups.next();
    if (done === true) return all;
    for (const item of items) {
      try {
        all.push({ line: item.line, value: item.value() });
      } catch (error) {
        all.push({ line: item.line, fault: (error as Error).message });
      }
    }
  }
}

/** Bytes in pieces of the given size. */
export async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
