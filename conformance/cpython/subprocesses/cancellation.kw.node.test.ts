import { createSubprocessExec, subprocessExec } from "@tsyncio/node";
import { CancelledError, createTask, getRunningLoop, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { BLOCKED, ChildRecorder, lives } from "./child.ts";

const ID = "test_subprocess.py::SubprocessMixin";

test(`${ID}.test_cancel_process_wait: who is cancelled while he waits for a child leaves it running`, () =>
  nodeProgram(async () => {
    const child = await createSubprocessExec(...BLOCKED);
    const waiting = createTask(child.wait());
    getRunningLoop().callSoon(() => waiting.cancel());
    expect(await thrownBy(waiting)).toBeInstanceOf(CancelledError);
    waiting.cancel();
    expect([child.returncode, lives(child.pid)]).toEqual([null, true]);
    child.kill();
    expect(await child.wait()).toBe(-9);
  }));

test(`${ID}.test_cancel_make_subprocess_transport_exec: a child whose creation is cancelled is killed, and waited for`, () =>
  nodeProgram(async ({ loop }) => {
    const creating = createTask(createSubprocessExec(...BLOCKED));
    loop.callSoon(() => creating.cancel());
    expect(await thrownBy(creating)).toBeInstanceOf(CancelledError);
    expect(loop.resources.size).toBe(0);
  }));

test(`${ID}.test_cancel_post_init: so is one with a protocol, which hears of its end`, () =>
  nodeProgram(async ({ loop }) => {
    const child = new ChildRecorder();
    const creating = createTask(subprocessExec(() => child, ...BLOCKED));
    loop.callSoon(() => creating.cancel());
    expect(await thrownBy(creating)).toBeInstanceOf(CancelledError);
    expect([child.returncode, child.log[0], child.log.at(-1)]).toEqual([-9, "made", ["lost", null]]);
    expect([lives(child.transport.getPid()), loop.resources.size]).toEqual([false, 0]);
  }));

/** A program that is not there. */
async function missing(stdin: "inherit" | "pipe") {
  const { resources } = getRunningLoop();
  const error = await thrownBy(createSubprocessExec("/not/there", ["x"], { stdin, stdout: stdin }));
  expect(error).toMatchObject({ code: "ENOENT", syscall: "spawn /not/there", path: "/not/there", spawnargs: ["x"] });
  expect(resources.size).toBe(0);
  await sleep(0);
}

test(`${ID}.test_popen_error: a program that cannot be started is an error of the await, which leaves nothing`, () =>
  nodeProgram(() => missing("inherit")));

test(`${ID}.test_popen_error_with_stdin_pipe: nor are the pipes left that were made for it`, () =>
  nodeProgram(() => missing("pipe")));
