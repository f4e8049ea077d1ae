// With return_exceptions, errors and cancellations are values in their places.
import { type Awaitable, CancelledError, coroutine, createTask, gather, getRunningLoop, run, sleep, wait } from "tsyncio";

class ValueError extends Error {}

const ok = coroutine(function* ok(name: string) {
  yield* sleep(0);
  return name;
});

const fail = coroutine(function* fail(name: string, rounds: number) {
  for (let i = 0; i < rounds; i++) {
    yield* sleep(0);
  }
  throw new ValueError(name);
});

const forever = coroutine(function* forever() {
  yield* sleep(5000);
});

function show(r: unknown) {
  if (r instanceof CancelledError) {
    return "cancelled:" + r.message;
  }
  if (r instanceof ValueError) {
    return "error:" + r.message;
  }
  return r;
}

const main = coroutine(function* main() {
  const victim = createTask(forever());
  const suicide = createTask(forever());
  getRunningLoop().callLater(40, () => victim.cancel("enough"));
  getRunningLoop().callSoon(() => suicide.cancel());
  const results = yield* gather<unknown>(
    [ok("a"), fail("early", 0), victim, ok("b"), fail("late", 3), suicide], { returnExceptions: true },
  );
  console.log(results.slice(0, 2).map(show).join(" "));
  console.log(Number(results[2] instanceof CancelledError), Number(victim.cancelled()));
  console.log(results.slice(3, 5).map(show).join(" "));
  console.log(Number(results[5] instanceof CancelledError), results.length);
  console.log("empty", (yield* gather([] as Awaitable<string>[], { returnExceptions: true })).length);
  const failed = createTask(fail("before", 0));
  yield* wait([failed]);
  console.log(show((yield* gather([failed], { returnExceptions: true }))[0]));
});

await run(main());
