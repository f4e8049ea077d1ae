import { type Awaitable, eagerTaskFactory } from "tsyncio";
import { type Given, program } from "../../program.ts";

/** Runs a test's program on a loop whose tasks start at once. */
export function eagerProgram(main: (given: Given) => Awaitable<void>): Promise<void> {
  return program((given) => {
    given.loop.setTaskFactory(eagerTaskFactory);
    return main(given);
  });
}
