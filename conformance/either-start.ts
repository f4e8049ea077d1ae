import { type Awaitable, eagerTaskFactory } from "tsyncio";
import { type Given, program } from "./program.ts";

/** Runs a test's program twice: where tasks start in the next iteration, and where they start at once. */
export async function eitherStart(main: (given: Given) => Awaitable<void>): Promise<void> {
  for (const factory of [null, eagerTaskFactory])
    await program((given) => {
      given.loop.setTaskFactory(factory);
      return main(given);
    });
}
