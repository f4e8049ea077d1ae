import { createSubprocessExec, createSubprocessShell } from "@tsyncio/node";
import { sleep } from "tsyncio";
import type { Random } from "../../../../conformance/random/random.ts";
import { payload } from "../conversation.ts";
import { check, errorOf, type Kind, type Workload } from "../workload.ts";

/** Child processes: some that end, some that are ended, some that cannot be started. */
export const subprocesses: Kind = { name: "subprocesses", tasks: 8, rate: 24, open: async () => new Subprocesses() };

let count = 0;

/** How many were started, or were about to be when they were cancelled. */
export function spawned(): number {
  return count;
}

class Subprocesses implements Workload {
  async operate(random: Random): Promise<void> {
    if (random.chance(0.1)) return await beMissing();
    count++;
    switch (random.between(0, 8)) {
      case 0:
      case 1:
      case 2:
        return await succeed();
      case 3:
      case 4:
        return await pass(payload(random));
      case 5:
        return await fail(random.between(0, 255));
      case 6:
      case 7:
        return await beEnded(random);
      default:
        return await leave();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

async function succeed(): Promise<void> {
  await using child = await createSubprocessExec("true");
  check((await child.wait()) === 0, "the return code of true");
}

/** Sends it through a child. */
async function pass(input: Buffer): Promise<void> {
  await using child = await createSubprocessExec("cat", [], { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
  const [output, errors] = await child.communicate(input);
  check(input.equals(output), "what comes out of cat");
  check(errors.length === 0, `cat says ${String(errors)}`);
}

async function fail(code: number): Promise<void> {
  await using child = await createSubprocessShell(`echo failing >&2; exit ${code}`, { stderr: "pipe" });
  const [, errors] = await child.communicate();
  check(String(errors) === "failing\n", "what the shell says");
  check(child.returncode === code, `the return code ${code}`);
}

async function beEnded(random: Random): Promise<void> {
  await using child = await createSubprocessExec("sleep", ["60"], { stdin: "pipe", stdout: "pipe" });
  await sleep(random.next() * 5);
  const [signal, code] = random.pick([["SIGTERM", -15], ["SIGKILL", -9], ["SIGHUP", -1]] as const); // oxfmt-ignore
  child.sendSignal(signal);
  check((await child.wait()) === code, `the return code after ${signal}`);
}

/** Ends a child by leaving the block. */
async function leave(): Promise<void> {
  await using _child = await createSubprocessExec("sleep", ["60"], { stdout: "pipe" });
}

async function beMissing(): Promise<void> {
  const { code } = await errorOf(createSubprocessExec("/nowhere/program"));
  check(code === "ENOENT", `a program that is missing is refused with ${code}`);
}
