import { sleep, taskGroup, type Awaitable } from "tsyncio";
import type { Tally } from "../collect/tally.ts";
import { ProgressBars } from "./progress-bars.ts";
import { ProgressLines } from "./progress-lines.ts";

/** Shows the tally while it grows. */
export interface ProgressView {
  /** Milliseconds between two updates. */
  readonly interval: number;
  update(): void;
  stop(): void;
}

/** Bars on a terminal, otherwise a line each second. `expected` is how many records each source will have. */
export function progressView(
  tally: Tally,
  expected: ReadonlyMap<string, number>,
  stream: NodeJS.WriteStream,
): ProgressView {
  return stream.isTTY ? new ProgressBars(tally, expected, stream) : new ProgressLines(tally, expected, stream);
}

/** Runs `body` beside a task that updates the view, and stops the view however the body ends. */
export async function withProgress(view: ProgressView, body: () => Awaitable<void>): Promise<void> {
  try {
    await taskGroup(async (group) => {
      const ticker = group.createTask(tick(view), { name: "progress" });
      await body();
      ticker.cancel();
    });
  } finally {
    view.stop();
  }
}

async function tick(view: ProgressView): Promise<never> {
  for (;;) {
    await sleep(view.interval);
    view.update();
  }
}
