// Workloads that do what the guard is there to notice, in the keywords: benchmarks/guard/probe.mjs runs them.
import { Future, sleep } from "tsyncio";

export async function sound(times: number) {
  for (let i = 0; i < times; i++) await sleep(0);
  return times;
}

export async function withPromises(times: number) {
  for (let i = 0; i < times; i++) await Promise.resolve();
  return times;
}

/** What is made must be somewhere, or V8 does not make it. */
export const kept: { last?: object } = {};

export async function withObjects(times: number) {
  for (let i = 0; i < times; i++) {
    await sleep(0);
    kept.last = { i };
  }
  return times;
}

let runs = 0;

/** From its twelfth run on some futures fail: what the core has been optimised for no longer holds. */
export async function withSurprises(times: number) {
  const fails = ++runs >= 12;
  for (let i = 0; i < times; i++) {
    const future = new Future<number>();
    if (fails && i % 2 === 0) future.setException(new RangeError("planted"));
    else future.setResult(i);
    try {
      await future;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return times;
}

const SHAPES = [{ a: 1 }, { b: 1 }, { c: 1 }, { d: 1 }, { e: 1 }, { f: 1 }];

export async function withShapes(times: number) {
  for (let i = 0; i < times; i++) await SHAPES[i % SHAPES.length];
  return times;
}
