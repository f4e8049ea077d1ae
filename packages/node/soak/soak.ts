import { RateLimiter, getRunningLoop, run, sleep, taskGroup } from "tsyncio";
import { Random } from "../../../conformance/random/random.ts";
import { Gate } from "./gate.ts";
import { type Measure, measure } from "./measure.ts";
import { Tally } from "./tally.ts";
import type { Kind, Workload } from "./workload.ts";

/** How a soak goes. */
export interface SoakOptions {
  readonly kinds: readonly Kind[];
  /** Milliseconds of work: as many, and up to twice as many until it is enough. */
  readonly duration: number;
  enough(): boolean;
  /** Milliseconds between two measures. */
  readonly every: number;
  readonly seed: number;
  /** Told every measure, taken while everything is open and nobody works. */
  measured(measure: Measure, tally: ReadonlyMap<string, Tally>): void;
}

/** Opens everything, has all tasks do operations for a while, and closes everything. @throws what went wrong. */
export function soak(options: SoakOptions): Promise<void> {
  return run(() => withOpen(options.kinds, [], (workloads) => work(workloads, options)));
}

type Opened = readonly [kind: Kind, workload: Workload];

async function withOpen(
  kinds: readonly Kind[],
  opened: readonly Opened[],
  body: (opened: readonly Opened[]) => Promise<void>,
): Promise<void> {
  const [kind, ...others] = kinds;
  if (kind === undefined) return await body(opened);
  await using workload = await kind.open();
  await withOpen(others, [...opened, [kind, workload]], body);
}

async function work(opened: readonly Opened[], options: SoakOptions): Promise<void> {
  const { duration, every, seed } = options;
  const loop = getRunningLoop();
  const gate = new Gate();
  const tallies = new Map(opened.map(([{ name }]) => [name, new Tally()]));
  loop.setExceptionHandler((_, context) => tallies.forEach((tally) => tally.report(context)));
  await taskGroup(async (tg) => {
    let tasks = 0;
    for (const [kind, workload] of opened) {
      const { name, rate } = kind;
      const pace = rate === undefined ? null : new RateLimiter({ rate, per: "1s", burst: 1 });
      for (let n = 0; n < kind.tasks; n++) {
        const random = new Random(seed + tasks++);
        tg.createTask(operateForever(workload, { gate, pace, random, tally: tallies.get(name)! }), { name });
      }
    }
    for (let worked = 0; worked < duration || (worked < 2 * duration && !options.enough()); worked += every) {
      await sleep(every);
      await gate.quiet();
      // What the other sides of the connections still have to do.
      await sleep(200);
      options.measured(await measure(), tallies);
      gate.open();
    }
    tg.cancel();
  });
}

interface Means {
  readonly gate: Gate;
  readonly pace: RateLimiter | null;
  readonly random: Random;
  readonly tally: Tally;
}

async function operateForever(workload: Workload, { gate, pace, random, tally }: Means): Promise<never> {
  for (;;) {
    await pace?.acquire();
    await gate.pass(() => tally.attempt(workload.operate(random), random));
  }
}
