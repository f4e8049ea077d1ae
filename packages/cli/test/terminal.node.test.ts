import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasTerminal, type Started, startOnTerminal } from "./tsyncio.ts";

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const UP = "\u001B[A";
/** A prompt behind which nothing stands yet. */
const PROMPT = "\u001B[0J> \u001B[3G";

if (!hasTerminal) console.warn('Skipped: what is seen on a terminal; it needs "script" of util-linux');

interface Prompt extends Started {
  type(keys: string): void;
  /** Waits for the next prompt, and leaves there with Ctrl-D. Gives the exit code. */
  leave(): Promise<number | null>;
}

/** A prompt that has been shown. */
async function openPrompt(env: Record<string, string> = {}): Promise<Prompt> {
  const started = startOnTerminal(["repl"], { env });
  const type = (keys: string): void => void started.child.stdin!.write(keys);
  await started.printed(PROMPT);
  return {
    ...started,
    type,
    async leave() {
      await started.printed(PROMPT);
      type(CTRL_D);
      return (await started.ended).code;
    },
  };
}

/** What stands on the screen in the end, roughly: without the sequences that move the cursor and erase. */
function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/\u001B\[[\d;?]*[A-Za-z]/g, "").replaceAll("\r", "");
}

describe.skipIf(!hasTerminal)("tsyncio repl on a terminal", () => {
  test("greets, prompts, evaluates, and leaves at Ctrl-D", async () => {
    const { type, printed, ended } = await openPrompt();
    type("6 * 7\r");
    await printed("\n42\r\n");
    await printed(PROMPT);
    type(CTRL_D);
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(plain(stdout)).toMatch(
      /^tsyncio \d+\.\d+\.\d+ on Node \d+\.\d+\.\d+\nUse "await" directly\. \.help tells more, Ctrl-D leaves\.\n> 6 \* 7\n+42\n> \n$/,
    );
  });

  test("prints what tasks print above the line that is being typed", async () => {
    const { type, printed, leave } = await openPrompt();
    type('const t = createTask((async () => { await sleep(300); console.log("t" + "ick") })())\r');
    await printed(PROMPT);
    type("1 + ");
    await printed("\u001B[1G\u001B[0Jtick\r\n\u001B[1G\u001B[0J> 1 + ");
    type("2\r");
    await printed("\n3\r\n");
    expect(await leave()).toBe(0);
  });

  test("cancels what runs at Ctrl-C and keeps the tasks behind it", async () => {
    const { type, printed, leave } = await openPrompt();
    type('const t = createTask(sleep(300, "still there"))\r');
    await printed(PROMPT);
    type('try { console.log("run" + "ning"); await sleep("1h") } finally { console.log("clean" + "ed up") }\r');
    await printed("running");
    type(CTRL_C);
    await printed("cleaned up");
    await printed("KeyboardInterrupt");
    await printed(PROMPT);
    type("await t\r");
    await printed("\n'still there'");
    expect(await leave()).toBe(0);
  });

  test("drops the line at Ctrl-C, and leaves at the second one in a row", async () => {
    const { type, printed, ended } = await openPrompt();
    type("class A {\r");
    await printed("... ");
    type("half a li");
    await printed("half a li");
    type(CTRL_C);
    await printed(PROMPT);
    type(CTRL_C);
    await printed("(Ctrl-C once more leaves, as Ctrl-D and .exit do)");
    await printed(PROMPT);
    type(CTRL_C);
    expect((await ended).code).toBe(0);
  });

  test("completes names and properties with Tab", async () => {
    const { type, printed, leave } = await openPrompt();
    type("await asyncio.shie");
    await printed("shie");
    type("\t");
    await printed("ld");
    type("(sleep(1, 'completed'))\r");
    await printed("\n'completed'");
    expect(await leave()).toBe(0);
  });

  test("tells before the next input of a coroutine that was never awaited", async () => {
    const { type, printed, leave } = await openPrompt();
    type("async function job() {}; job(); 'next'\r");
    await printed('tsyncio: coroutine "job" was never awaited;');
    expect(await leave()).toBe(0);
  });

  test("tells that tasks are still cleaning up, and leaves at once at Ctrl-C", async () => {
    const { type, printed, ended } = await openPrompt();
    type('const t = createTask((async () => { try { await sleep("1h") } finally { await sleep("1h") } })())\r');
    await printed(PROMPT);
    type(CTRL_D);
    await printed("Waiting for 1 task to clean up; Ctrl-C leaves at once");
    type(CTRL_C);
    expect((await ended).code).toBe(130);
  });

  describe("with a history", () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "tsyncio-history-"));
    });
    afterAll(() => rm(folder, { recursive: true }));

    test("keeps the lines for the next session", async () => {
      const file = join(folder, "history");
      const first = await openPrompt({ TSYNCIO_REPL_HISTORY: file });
      first.type("'from ' + 'before'\r");
      await first.printed("\n'from before'");
      expect(await first.leave()).toBe(0);
      expect(await readFile(file, "utf8")).toBe("'from ' + 'before'\n");

      const second = await openPrompt({ TSYNCIO_REPL_HISTORY: file });
      second.type(UP);
      await second.printed("'from ' + 'before'");
      second.type("\r");
      await second.printed("\n'from before'");
      expect(await second.leave()).toBe(0);
    });
  });
});

describe.skipIf(!hasTerminal)("tsyncio run on a terminal", () => {
  test("cleans up at Ctrl-C and exits with 130", async () => {
    const { child, printed, ended } = startOnTerminal(["run", "interrupted.ts"]);
    await printed("waiting");
    child.stdin!.write(CTRL_C);
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(plain(stdout).trimEnd()).toBe("waiting\n^Ccleaning up\nclean");
  });

  test("ends at once at the second Ctrl-C", async () => {
    const { child, printed, ended } = startOnTerminal(["run", "stubborn.ts"]);
    await printed("waiting");
    child.stdin!.write(CTRL_C);
    await printed("cleaning up");
    child.stdin!.write(CTRL_C);
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(plain(stdout)).not.toContain("never printed");
  });

  test("colours an error, unless NO_COLOR is set", async () => {
    const coloured = await startOnTerminal(["run", "late-error.ts"], { env: { FORCE_COLOR: undefined } }).ended;
    expect(coloured.stdout).toContain("\u001B[31m\u001B[1mError\u001B[22m\u001B[39m: in a timer");
    const bare = await startOnTerminal(["run", "late-error.ts"], { env: { FORCE_COLOR: undefined, NO_COLOR: "1" } })
      .ended;
    expect(bare.stdout).toContain("Error: in a timer");
    expect(bare.stdout).not.toContain("\u001B");
  });
});
