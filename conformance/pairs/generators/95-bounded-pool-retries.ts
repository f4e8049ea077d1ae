// A pool of three permits; jobs that fail are tried again in line with the others; one gives up.
import { Semaphore, coroutine, gather, run, sleep } from "tsyncio";

class Flaky extends Error {}

const attempt = coroutine(function* attempt(job: number, tries: number, running: number[], peak: number[]) {
  running[0] += 1;
  peak[0] = Math.max(peak[0], running[0]);
  try {
    for (let k = 0; k < (job % 3) + 1; k++) {
      yield* sleep(0);
    }
    if (tries < job % 4) {
      throw new Flaky("job " + String(job) + " try " + String(tries));
    }
    return job * 10;
  } finally {
    running[0] -= 1;
  }
});

const withRetry = coroutine(function* withRetry(job: number, permits: Semaphore, running: number[], peak: number[]) {
  for (let tries = 0; tries < 3; tries++) {
    {
      using permit = yield* permits.acquire();
      try {
        const value = yield* attempt(job, tries, running, peak);
        console.log("ok", job, "after", tries);
        return value;
      } catch (e) {
        if (!(e instanceof Flaky)) throw e;
        console.log("failed", e.message);
      }
    }
    yield* sleep(0);
  }
  throw new Flaky("job " + String(job) + " given up");
});

const main = coroutine(function* main() {
  const permits = new Semaphore(3);
  const [running, peak] = [[0], [0]];
  const results = yield* gather(
    [0, 1, 2, 3, 4, 5, 6, 7].map((j) => withRetry(j, permits, running, peak)), { returnExceptions: true },
  );
  for (const [job, r] of results.entries()) {
    console.log(job, (r as unknown) instanceof Flaky ? (r as unknown as Flaky).message : String(r));
  }
  console.log("peak", peak[0], "running", running[0], "free", Number(!permits.locked()));
});

await run(main());
