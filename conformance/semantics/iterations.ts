import { type Coroutine, coroutine, getRunningLoop, sleep } from "tsyncio";

/** Counts the iterations of the running loop from here: 0 is the one that is under way. */
export function iterationsFromHere(): () => number {
  const loop = getRunningLoop();
  const { iterations } = loop.statistics();
  return () => loop.statistics().iterations - iterations;
}

/** Lets so many iterations pass. */
export const giveWay: (times: number) => Coroutine<void> = coroutine(function* giveWay(times: number) {
  for (let i = 0; i < times; i++) yield* sleep(0);
});
