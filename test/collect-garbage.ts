/**
 * Collects garbage until `enough()`: what the collection reports comes some turns of the host later. Without an end in
 * sight (`() => false`) it gives up after a few rounds.
 */
export async function collectGarbage(enough: () => boolean): Promise<void> {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error("garbage can be collected with node --expose-gc only");
  for (let round = 0; round < 10 && !enough(); round++) {
    // A WeakRef that was asked holds its object to the end of the turn.
    await pause();
    gc();
    await pause();
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 3));
