import { addSignalHandler, removeSignalHandler, signals as arrivals } from "@tsyncio/node";
import { Event } from "tsyncio";
import type { Random } from "../../../../conformance/random/random.ts";
import { check, type Kind, type Workload } from "../workload.ts";

/** Signals that this process sends itself. There is one task: a signal is everybody's. */
export const signals: Kind = { name: "signals", tasks: 1, rate: 100, open: async () => new Signals() };

const SENT = ["SIGUSR2", "SIGHUP"] as const;

class Signals implements Workload {
  /** One that comes when the operation that sent it was cancelled is not to end the process. */
  readonly #late = (): void => {};

  constructor() {
    for (const signal of SENT) process.on(signal, this.#late);
  }

  async operate(random: Random): Promise<void> {
    return random.chance(0.5) ? await handle() : await iterate(random.between(1, 3));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const signal of SENT) process.off(signal, this.#late);
  }
}

async function handle(): Promise<void> {
  const came = new Event();
  addSignalHandler("SIGUSR2", () => came.set());
  try {
    process.kill(process.pid, "SIGUSR2");
    await came.wait();
  } finally {
    check(removeSignalHandler("SIGUSR2"), "there was a handler");
  }
}

async function iterate(times: number): Promise<void> {
  using received = arrivals("SIGHUP", "SIGWINCH");
  for (let n = 0; n < times; n++) {
    process.kill(process.pid, "SIGHUP");
    const { value } = await received.next();
    check(value === "SIGHUP", `the signal that came is ${value}`);
  }
}
