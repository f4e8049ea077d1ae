import { coroutine, getRunningLoop, sleep } from "tsyncio";

/** Gives way until nothing but who called it is ready to run. */
export const settled = coroutine(function* settled() {
  do yield* sleep(0);
  while (getRunningLoop().statistics().ready > 0);
});
