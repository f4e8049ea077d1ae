import type { BatchOutput, BatchResult, ItemId, ResultStore } from "@tsyncio/batch";

/** A result of an item at `line`. */
export function resultOf(line: number, more: Partial<BatchResult> = {}): BatchResult {
  return { id: line, ok: true, line, status: 200, attempts: 1, elapsed: 1.5, result: { of: line }, ...more };
}

export function failureOf(line: number): BatchResult {
  const { result: _, ...rest } = resultOf(line, { ok: false, status: 400 });
  return { ...rest, error: { code: "TSYNCIO_HTTP_STATUS", message: "Cannot POST: status 400", body: "no" } };
}

/** What an open output tells of earlier runs. */
export async function recordedBy(store: ResultStore): Promise<[id: ItemId, ok: boolean][]> {
  const recorded: [ItemId, boolean][] = [];
  const known = new Set<string>();
  await store.recorded((id, ok) => {
    if (known.has(String(id))) return false;
    known.add(String(id));
    recorded.push([id, ok]);
    return true;
  });
  return recorded;
}

/** Opens an output as a run does. */
export async function opened(output: BatchOutput): Promise<{ store: ResultStore; recorded: [ItemId, boolean][] }> {
  const store = output.open();
  return { store, recorded: await recordedBy(store) };
}
