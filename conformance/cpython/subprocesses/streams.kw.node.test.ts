import { ProcessLookupError, createSubprocessExec, createSubprocessShell } from "@tsyncio/node";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { pathToFileURL } from "node:url";
import { createTask, gather, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { BLOCKED, CAT } from "./child.ts";

const ID = "test_subprocess.py::SubprocessMixin";

/** More than a pipe takes while nobody reads from it. */
const LARGE = Buffer.alloc(4 << 20, "x");
const PIPES = { stdin: "pipe", stdout: "pipe", stderr: "pipe" } as const;

test(`${ID}.test_stdin_stdout: what is written to stdin and what comes from stdout are streams`, () =>
  nodeProgram(async () => {
    const child = await createSubprocessExec(...CAT, { stdin: "pipe", stdout: "pipe" });
    await child.stdin.write("some data");
    await child.stdin.drain();
    child.stdin.close();
    expect([String(await child.stdout.read()), await child.wait()]).toEqual(["some data", 0]);
  }));

test(`${ID}.test_communicate: communicate() writes the input and gives the output`, () =>
  nodeProgram(async () => {
    const child = await createSubprocessExec(...CAT, { stdin: "pipe", stdout: "pipe" });
    const [stdout, stderr] = await child.communicate(Buffer.from("some data"));
    expect([stdout, stderr, child.returncode]).toEqual([Buffer.from("some data"), null, 0]);
  }));

test(`${ID}.test_communicate_none_input: communicate() without input closes stdin`, () =>
  nodeProgram(async () => {
    const child = await createSubprocessExec(...CAT, { stdin: "pipe", stdout: "pipe" });
    const [stdout] = await child.communicate();
    expect([stdout.length, child.returncode]).toEqual([0, 0]);
  }));

test(`${ID}.test_shell: wait() gives the exit code of a shell command`, () =>
  nodeProgram(async () => {
    const child = await createSubprocessShell("exit 7");
    expect([await child.wait(), child.returncode]).toEqual([7, 7]);
  }));

test(`${ID}.test_start_new_session: a detached child is the leader of a session of its own`, () =>
  nodeProgram(async () => {
    const child = await createSubprocessShell("cut -d ' ' -f 6 /proc/$$/stat; exit 8", {
      detached: true,
      stdout: "pipe",
    });
    const [stdout] = await child.communicate();
    expect([Number(stdout), child.returncode]).toEqual([child.pid, 8]);
  }));

test(`${ID}.test_stdin_broken_pipe: who waits for a child to read hears that it has ended without`, () =>
  nodeProgram(async () => {
    const child = await createSubprocessExec(...BLOCKED, { stdin: "pipe" });
    const written = child.stdin.write(LARGE);
    child.kill();
    expect(await thrownBy(written)).toMatchObject({ code: "EPIPE", syscall: "write" });
    expect(await child.wait()).toBe(-9);
    expect(await thrownBy(child.stdin.waitClosed())).toMatchObject({ code: "EPIPE" });
  }));

test(`${ID}.test_communicate_ignore_broken_pipe: communicate() does not mind that its input is not read`, () =>
  nodeProgram(async () => {
    const child = await createSubprocessExec("true", [], { stdin: "pipe" });
    expect(await child.communicate(LARGE)).toEqual([null, null]);
    expect(await child.wait()).toBe(0);
  }));

test(`${ID}.test_pause_reading: a child that writes more than is read is held back, and goes on when it is read`, () =>
  nodeProgram(async () => {
    const child = await createSubprocessShell(`head -c ${LARGE.length} /dev/zero`, { stdout: "pipe", limit: 10 });
    while (!String(child.stdout).includes(" paused")) await sleep(1);
    await sleep(50);
    const buffered = Number(/(\d+) bytes/.exec(String(child.stdout))?.[1]);
    expect([buffered > 10, buffered <= 65_536, child.returncode]).toEqual([true, true, null]);
    const [stdout] = await child.communicate();
    expect([stdout.length, child.returncode]).toEqual([LARGE.length, 0]);
    expect(String(child.stdout)).not.toContain(" paused");
  }));

test(`${ID}.test_stdin_not_inheritable: the pipes of a child reach no other: its stdin ends when it is closed here`, () =>
  nodeProgram(async () => {
    const first = await createSubprocessExec("wc", ["-c"], PIPES);
    const second = await createSubprocessExec(...CAT, PIPES);
    const [stdout] = await first.communicate("abc");
    expect([String(stdout), first.returncode, second.returncode]).toEqual(["3\n", 0, null]);
    await second.communicate();
  }));

test(`${ID}.test_empty_input: empty input is an end at once`, () =>
  nodeProgram(async () => {
    const child = await createSubprocessExec("wc", ["-c"], PIPES);
    const [stdout] = await child.communicate("");
    expect([String(stdout), child.returncode]).toEqual(["0\n", 0]);
  }));

test(`${ID}.test_devnull_input: stdin: "ignore" is an end at once, and no stream`, () =>
  nodeProgram(async () => {
    const child = await createSubprocessExec("wc", ["-c"], { ...PIPES, stdin: "ignore" });
    const [stdout] = await child.communicate();
    expect([child.stdin, String(stdout), child.returncode]).toEqual([null, "0\n", 0]);
  }));

test(`${ID}.test_devnull_output: stdout: "ignore" drops the output`, () =>
  nodeProgram(async () => {
    const child = await createSubprocessExec("wc", ["-c"], { ...PIPES, stdout: "ignore" });
    expect([await child.communicate("abc"), child.stdout, child.returncode]).toEqual([
      [null, Buffer.alloc(0)],
      null,
      0,
    ]);
  }));

test(`${ID}.test_devnull_error: stderr: "ignore" drops the errors`, () =>
  nodeProgram(async () => {
    const child = await createSubprocessShell("echo error >&2; wc -c", { ...PIPES, stderr: "ignore" });
    const [stdout, stderr] = await child.communicate("abc");
    expect([String(stdout), stderr, child.returncode]).toEqual(["3\n", null, 0]);
  }));

test(`${ID}.test_devstdin_input: stdin is a socket, which a child cannot open a second time as /dev/stdin; it reads from what it was given`, () =>
  nodeProgram(async () => {
    const again = await createSubprocessExec("cat", ["/dev/stdin"], PIPES);
    const [stdout, stderr] = await again.communicate("abc");
    expect([stdout.length, again.returncode]).toEqual([0, 1]);
    expect(String(stderr)).toContain("/dev/stdin");
    const given = await createSubprocessExec("cat", ["-"], PIPES);
    const [read] = await given.communicate("abc");
    expect([String(read), given.returncode]).toEqual(["abc", 0]);
  }));

test(`${ID}.test_read_stdout_after_process_exit: what a child has written is there after its exit, read as slowly as one likes`, () =>
  nodeProgram(async () => {
    const size = 64 * 4096;
    const child = await createSubprocessShell(`head -c ${size} /dev/zero; exit 1`, { stdout: "pipe" });
    let read = 0;
    for (let data = await child.stdout.read(65_536); data.length > 0; data = await child.stdout.read(65_536)) {
      read += data.length;
      await sleep(20);
    }
    expect([read, await child.wait()]).toEqual([size, 1]);
  }));

test(`${ID}.test_create_subprocess_exec_text_mode_fails: there is no text mode: output is bytes`, () =>
  nodeProgram(async () => {
    for (const option of ["text", "encoding"])
      expect(() => createSubprocessExec("true", [], { [option]: "utf8" } as object)).toThrow(
        new TypeError(`Cannot create subprocess: there is no option "${option}"; output is bytes: decode it`),
      );
    expect(() => createSubprocessExec("true", [], { errors: "strict" } as object)).toThrow(TypeError);
  }));

test(`${ID}.test_create_subprocess_shell_text_mode_fails: there is no text mode for the shell either`, () =>
  nodeProgram(async () => {
    for (const option of ["text", "encoding"])
      expect(() => createSubprocessShell("true", { [option]: "utf8" } as object)).toThrow(
        new TypeError(`Cannot create subprocess: there is no option "${option}"; output is bytes: decode it`),
      );
    expect(() => createSubprocessShell("true", { errors: "strict" } as object)).toThrow(TypeError);
  }));

test(`${ID}.test_create_subprocess_exec_with_path: program and arguments may be URLs of files`, () =>
  nodeProgram(async () => {
    const node = pathToFileURL(process.execPath);
    const version = await createSubprocessExec(node, ["--version"], { stdout: "pipe" });
    const [stdout] = await version.communicate();
    expect([String(stdout), version.returncode]).toEqual([`${process.version}\n`, 0]);
    const here = new URL(import.meta.url);
    const itself = await createSubprocessExec("cat", [here], { stdout: "pipe" });
    const [text] = await itself.communicate();
    expect(String(text)).toBe(readFileSync(here, "utf8"));
  }));

/** What a child with this environment finds in it. */
async function checkOutput(child: Awaited<ReturnType<typeof echo>>, output: string) {
  const [stdout] = await child.communicate();
  expect([String(stdout), child.returncode]).toEqual([output, 0]);
  const wait = createTask(child.wait());
  await sleep(0);
  expect(wait.result()).toBe(0);
}
const echo = (value: string) =>
  createSubprocessShell('printf "$FOO"', { env: { ...process.env, FOO: value }, stdout: "pipe" });

test(`${ID}.test_create_subprocess_env_shell: a shell command gets the environment that it is given`, () =>
  nodeProgram(async () => checkOutput(await echo("bar"), "bar")));

test(`${ID}.test_create_subprocess_env_exec: a program gets the environment that it is given`, () =>
  nodeProgram(async () => {
    const env = { ...process.env, FOO: "baz" };
    await checkOutput(await createSubprocessExec("sh", ["-c", 'printf "$FOO"'], { env, stdout: "pipe" }), "baz");
  }));

test(`${ID}.test_subprocess_concurrent_wait: any number of tasks may wait for a child, before and after its end`, () =>
  nodeProgram(async () => {
    const child = await createSubprocessExec(...CAT, { stdin: "pipe", stdout: "pipe" });
    const before = gather(Array.from({ length: 10 }, () => child.wait()));
    const [stdout] = await child.communicate("some data");
    expect([String(stdout), child.returncode]).toEqual(["some data", 0]);
    const after = gather(Array.from({ length: 10 }, () => child.wait()));
    expect([...(await before), ...(await after)]).toEqual(Array(20).fill(0));
  }));

test(`${ID}.test_subprocess_communicate_stdout: children that run at the same time do not get each other's output`, () =>
  nodeProgram(async () => {
    const output = async (text: string) => {
      const child = await createSubprocessExec("echo", [text], { stdout: "pipe" });
      const [stdout] = await child.communicate();
      return String(stdout).trim();
    };
    const texts = Array.from({ length: 10 }, (_, i) => `foo${i}`);
    expect(await gather(texts.map(output))).toEqual(texts);
  }));

test(`${ID}.test_kill: kill() ends a child with SIGKILL`, () =>
  nodeProgram(async () => {
    const child = await createSubprocessExec(...BLOCKED);
    child.kill();
    expect(await child.wait()).toBe(-constants.signals.SIGKILL);
  }));

test(`${ID}.test_kill_issue43884: the end of a shell is not put off by what it has started, which still holds its stdout`, () =>
  nodeProgram(async () => {
    const child = await createSubprocessShell("sleep 3; sleep 3", { stdout: "pipe" });
    await sleep(50);
    child.kill();
    expect([await child.wait(), child.stdout.atEof()]).toEqual([-9, false]);
  }));

test(`${ID}.test_terminate: terminate() ends a child with SIGTERM`, () =>
  nodeProgram(async () => {
    const child = await createSubprocessExec(...BLOCKED);
    child.terminate();
    expect(await child.wait()).toBe(-constants.signals.SIGTERM);
  }));

test(`${ID}.test_send_signal: a child that does not handle a signal ends by it, and its return code is the number below zero`, () =>
  nodeProgram(async () => {
    const child = await createSubprocessShell("echo sleeping; exec sleep 3600", { stdout: "pipe" });
    expect(String(await child.stdout.readline())).toBe("sleeping\n");
    child.sendSignal("SIGHUP");
    expect(await child.wait()).toBe(-constants.signals.SIGHUP);
  }));

test(`${ID}.test_subprocess_send_signal_race: a signal to a child that is just ending does no harm, and its return code is its own`, () =>
  nodeProgram(async () => {
    const returncodes: number[] = [];
    for (let i = 0; i < 10; i++) {
      const child = await createSubprocessExec("sleep", ["0.02"]);
      await sleep(20);
      try {
        child.sendSignal("SIGUSR1");
      } catch (error) {
        if (!(error instanceof ProcessLookupError)) throw error;
      }
      returncodes.push(await child.wait());
    }
    expect(returncodes.filter((code) => code !== 0 && code !== -constants.signals.SIGUSR1)).toEqual([]);
  }));
