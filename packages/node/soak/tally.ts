import { type ExceptionContext, formatCallGraph, type Task, createTask, sleep, wait } from "tsyncio";
import type { Random } from "../../../conformance/random/random.ts";
import { Planned } from "./workload.ts";

/** So long may an operation take, or its end when it was cancelled. */
const STUCK = "60s";

/** What became of operations. */
export class Tally {
  done = 0;
  cancelled = 0;
  #unexpected: unknown = null;

  /** For the exception handler of the loop: nothing is to be reported but what was planned. */
  report({ message, exception }: ExceptionContext): void {
    if (exception instanceof Planned) return;
    this.#unexpected ??= new Error(`reported: ${message}`, { cause: exception });
  }

  /** Does one operation, to its end or until it is cancelled at a random moment. @throws what it throws, or was reported. */
  async attempt(operation: Promise<void>, random: Random): Promise<void> {
    const task = createTask(operation);
    try {
      if (random.chance(0.4)) {
        await moment(random);
        task.cancel();
      }
      await ended(task);
    } catch (error) {
      // The soak is over, here or elsewhere.
      task.cancel();
      throw error;
    }
    if (this.#unexpected !== null) throw this.#unexpected;
    if (task.cancelled()) this.cancelled++;
    else this.done++;
    const error = task.cancelled() ? null : task.exception();
    if (error !== null) throw error;
  }
}

/** Some iterations of the loop, some turns of the host, or some milliseconds. */
async function moment(random: Random): Promise<void> {
  const count = random.between(0, 12);
  switch (random.between(0, 2)) {
    case 0:
      for (let n = 0; n < count; n++) await sleep(0);
      break;
    case 1:
      for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve));
      break;
    default:
      await sleep(random.next() * 25);
  }
}

async function ended(task: Task<void>): Promise<void> {
  const [, pending] = await wait([task], { timeout: STUCK });
  if (pending.size > 0) throw new Error(`stuck for ${STUCK}:\n${formatCallGraph(task)}`);
}
