import { coroutine, sleep } from "tsyncio";
import type { Given } from "../../program.ts";

/** Works for `ms`, and does not let a cancellation end that. */
export const stubborn = coroutine(function* stubborn({ loop, log }: Given, ms: number) {
  const end = loop.time() + ms;
  while (loop.time() < end) {
    try {
      yield* sleep(end - loop.time());
    } catch {
      log.push(`cancelled at ${loop.time()}`);
    }
  }
  log.push(`done at ${loop.time()}`);
  return "done";
});
