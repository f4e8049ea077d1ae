import { sleep } from "tsyncio";

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

export function size(data: Uint8Array): number {
  return data.length;
}

/** A coroutine: it can be cancelled where it waits. */
export async function nap(ms: number): Promise<number> {
  await sleep(ms);
  return ms;
}

/** Can be stopped with its worker only. */
export function compute(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

export async function* count(to: number): AsyncGenerator<number, void> {
  for (let n = 1; n <= to; n++) {
    if (n % 5 === 0) await sleep(0);
    yield n;
  }
}

export function fail(message: string): never {
  throw new RangeError(message);
}

/** Takes its worker with it. */
export function leave(): never {
  process.exit(3);
}
