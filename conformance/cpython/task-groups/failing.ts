import { coroutine, sleep } from "tsyncio";

export const failAfter = coroutine(function* failAfter(ms: number, error: unknown) {
  yield* sleep(ms);
  throw error;
});

/** Waits for long; when it is cancelled, its cleanup throws `error`. */
export const failInCleanup = coroutine(function* failInCleanup(error: unknown) {
  try {
    yield* sleep("1h");
  } finally {
    // oxlint-disable-next-line no-unsafe-finally -- that is what is tested
    throw error;
  }
});
