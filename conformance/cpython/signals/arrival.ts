import { type Coroutine, Event, coroutine, sleep } from "tsyncio";

/** Sends this process a signal, and waits until it has come and was handled, by whomever. */
export const arrival: (signal: NodeJS.Signals) => Coroutine<void> = coroutine(function* (signal: NodeJS.Signals) {
  const come = new Event();
  process.once(signal, () => come.set());
  process.kill(process.pid, signal);
  yield* come.wait();
  yield* sleep(0);
});
