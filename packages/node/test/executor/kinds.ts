import { ProcessPoolExecutor, ThreadPoolExecutor, remote } from "@tsyncio/node";
import { vi } from "vitest";

// A process takes its time to start on a busy machine.
vi.setConfig({ testTimeout: 20_000, hookTimeout: 20_000 });

/** Both kinds of pools: what one does, the other does. */
export const kinds = [
  { kind: "thread", Pool: ThreadPoolExecutor },
  { kind: "process", Pool: ProcessPoolExecutor },
] as const;

/** What the tests run in workers: a module in the keyword spelling. */
export const jobs = remote<typeof import("../fixtures/jobs.ts")>(new URL("../fixtures/jobs.ts", import.meta.url));

/** Jobs that need `@tsyncio/node` in the worker. */
export const moving = remote<typeof import("../fixtures/moving.ts")>(new URL("../fixtures/moving.ts", import.meta.url));
