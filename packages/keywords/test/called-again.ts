import { coroutine, createTask, run, sleep } from "tsyncio";
import * as runtime from "tsyncio/runtime";
import { expect } from "vitest";
import { transform } from "../src/transform.ts";

/** All functions of a text are called again to go on. */
export function expectNoGenerator(code: string): void {
  expect(code).toContain("$frame(");
  expect(code).not.toContain("function*");
}

/** A text in TypeScript, compiled, and its `exports.main`. */
export function compiledMain<F extends Function>(text: string): { readonly code: string; readonly main: F } {
  const { code } = transform(text, { filename: "program.cts", sourcemap: false })!;
  const exports: { main?: F } = {};
  // oxlint-disable-next-line no-new-func -- the program is a text
  new Function("exports", "require", code)(exports, () => runtime);
  return { code, main: exports.main! };
}

/** Starts a task, and cancels it after so many turns of the loop; `log` gets what it gives or throws. */
export async function cancelAfter(
  turns: number,
  log: unknown[],
  start: () => never,
  told: (accepted: boolean) => void = () => {},
): Promise<void> {
  const cancelling = coroutine(function* () {
    const task = createTask(start());
    for (let i = 0; i < turns; i++) yield* sleep(0);
    told(task.cancel("now"));
    try {
      log.push(yield* task);
    } catch (error) {
      log.push(String(error));
    }
  });
  await run(cancelling());
}
