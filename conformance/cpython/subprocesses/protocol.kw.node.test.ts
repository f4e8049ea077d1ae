import { ProcessLookupError, type WriteTransport, subprocessExec, subprocessShell } from "@tsyncio/node";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { expect, test, vi } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { BLOCKED, CAT, ChildRecorder } from "./child.ts";

const LOOP = "test_events.py::SubprocessTestsMixin";
const NO_PIPES = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;
const factory = () => new ChildRecorder();

test(`${LOOP}.test_subprocess_exec: a program is started with pipes; closing the transport kills it`, () =>
  nodeProgram(async () => {
    const [transport, child] = await subprocessExec(factory, ...CAT);
    expect([child.transport, child.log]).toEqual([transport, ["made"]]);
    const stdin = transport.getPipeTransport(0) as WriteTransport;
    stdin.write(Buffer.from("Python The Winner"));
    await child.until(() => child.data[1] !== "");
    transport.close();
    await child.completed();
    expect([child.returncode, child.data[1]]).toEqual([-constants.signals.SIGKILL, "Python The Winner"]);
  }));

test(`${LOOP}.test_subprocess_interactive: a child answers what is written to it, again and again`, () =>
  nodeProgram(async () => {
    const [transport, child] = await subprocessExec(factory, ...CAT);
    const stdin = transport.getPipeTransport(0) as WriteTransport;
    stdin.write(Buffer.from("Python "));
    await child.until(() => child.data[1] === "Python ");
    stdin.write(Buffer.from("The Winner"));
    await child.until(() => child.data[1] === "Python The Winner");
    transport.close();
    await child.completed();
    expect(child.returncode).toBe(-9);
  }));

test(`${LOOP}.test_subprocess_shell: a command of the shell runs to its end, and each of its pipes ends in order`, () =>
  nodeProgram(async () => {
    const [transport, child] = await subprocessShell(factory, "echo Python");
    (transport.getPipeTransport(0) as WriteTransport).close();
    await child.completed();
    expect([child.returncode, child.data]).toEqual([0, { 1: "Python\n", 2: "" }]);
    for (const fd of [0, 1, 2]) expect(child.log).toContainEqual(["pipe lost", fd, null]);
    expect([child.log[0], child.log.at(-1)]).toEqual(["made", ["lost", null]]);
    transport.close();
  }));

test(`${LOOP}.test_subprocess_exitcode: the exit code of a child is its return code`, () =>
  nodeProgram(async () => {
    const [transport, child] = await subprocessShell(factory, "exit 7", NO_PIPES);
    await child.completed();
    expect([child.returncode, transport.getReturncode()]).toEqual([7, 7]);
    transport.close();
  }));

test(`${LOOP}.test_subprocess_close_after_finish: a child without pipes has no transports of pipes, and is closed after its end`, () =>
  nodeProgram(async () => {
    const [transport, child] = await subprocessShell(factory, "exit 7", NO_PIPES);
    expect([0, 1, 2].map((fd) => transport.getPipeTransport(fd))).toEqual([null, null, null]);
    await child.completed();
    expect(child.log).toEqual(["made", "exited", ["lost", null]]);
    expect([child.returncode, transport.close(), transport.isClosing()]).toEqual([7, undefined, true]);
  }));

test(`${LOOP}.test_subprocess_kill: kill() ends a child with SIGKILL`, () =>
  nodeProgram(async () => {
    const [transport, child] = await subprocessExec(factory, ...BLOCKED);
    transport.kill();
    await child.completed();
    expect(child.returncode).toBe(-constants.signals.SIGKILL);
  }));

test(`${LOOP}.test_subprocess_terminate: terminate() ends a child with SIGTERM`, () =>
  nodeProgram(async () => {
    const [transport, child] = await subprocessExec(factory, ...BLOCKED);
    transport.terminate();
    await child.completed();
    expect(child.returncode).toBe(-constants.signals.SIGTERM);
  }));

test(`${LOOP}.test_subprocess_send_signal: a child that does not handle a signal ends by it`, () =>
  nodeProgram(async () => {
    const [transport, child] = await subprocessExec(factory, ...BLOCKED);
    transport.sendSignal("SIGHUP");
    await child.completed();
    expect(child.returncode).toBe(-constants.signals.SIGHUP);
  }));

test(`${LOOP}.test_subprocess_stderr: stdout and stderr come apart`, () =>
  nodeProgram(async () => {
    const [transport, child] = await subprocessShell(factory, 'read text; echo "OUT:$text"; echo "ERR:$text" >&2');
    (transport.getPipeTransport(0) as WriteTransport).write(Buffer.from("test\n"));
    await child.completed();
    expect([child.data, child.returncode]).toEqual([{ 1: "OUT:test\n", 2: "ERR:test\n" }, 0]);
  }));

test(`${LOOP}.test_subprocess_stderr_redirect_to_stdout: stderr: "stdout" makes one pipe of both, in the order of the child`, () =>
  nodeProgram(async () => {
    const command = 'read text; echo "OUT:$text"; echo "ERR:$text" >&2; echo end';
    const [transport, child] = await subprocessShell(factory, command, { stderr: "stdout" });
    expect([transport.getPipeTransport(1) === null, transport.getPipeTransport(2)]).toEqual([false, null]);
    (transport.getPipeTransport(0) as WriteTransport).write(Buffer.from("test\n"));
    await child.completed();
    expect([child.data, child.returncode]).toEqual([{ 1: "OUT:test\nERR:test\nend\n", 2: "" }, 0]);
  }));

test(`${LOOP}.test_subprocess_close_client_stream: when its stdout is closed here, the child cannot write to it any more`, () =>
  nodeProgram(async () => {
    const program = `
      const { readSync, writeSync } = require("fs");
      const buffer = Buffer.alloc(1024);
      for (let size; (size = readSync(0, buffer)) > 0; ) {
        try { writeSync(1, "OUT:" + buffer.toString("utf8", 0, size)); }
        catch (error) { writeSync(2, "ERR:" + error.code); }
      }`;
    const [transport, child] = await subprocessExec(factory, process.execPath, ["-e", program]);
    const stdin = transport.getPipeTransport(0) as WriteTransport;
    stdin.write(Buffer.from("test"));
    await child.until(() => child.data[1] !== "");
    expect(child.data[1]).toBe("OUT:test");
    transport.getPipeTransport(1)?.close();
    await child.until(() => child.log.length > 1);
    expect(child.log).toEqual(["made", ["pipe lost", 1, null]]);
    stdin.write(Buffer.from("xxx"));
    await child.until(() => child.data[2] !== "");
    expect(child.data[2]).toBe("ERR:EPIPE");
    transport.close();
    await child.completed();
    expect(child.returncode).toBe(-9);
  }));

test(`${LOOP}.test_subprocess_wait_no_same_group: a child in a session of its own ends as any other`, () =>
  nodeProgram(async () => {
    const [transport, child] = await subprocessShell(factory, "read end; exit 7", {
      stdout: "inherit",
      stderr: "inherit",
      detached: true,
    });
    const [, , , , group, session] = readFileSync(`/proc/${transport.getPid()}/stat`, "utf8").split(" ");
    expect([Number(group), Number(session)]).toEqual([transport.getPid(), transport.getPid()]);
    (transport.getPipeTransport(0) as WriteTransport).close();
    await child.completed();
    expect(child.returncode).toBe(7);
  }));

test(`${LOOP}.test_subprocess_exec_invalid_args: what would make text of the output, or a shell command of the program, is refused`, () =>
  nodeProgram(async () => {
    const refused = (options: object) => () => subprocessExec(factory, "pwd", [], options);
    expect(refused({ encoding: "utf8" })).toThrow(
      new TypeError('Cannot create subprocess: there is no option "encoding"; output is bytes: decode it'),
    );
    expect(refused({ shell: true })).toThrow(
      new TypeError('Cannot create subprocess: there is no option "shell"; call the function for a shell command'),
    );
    expect(refused({ maxBuffer: 4096 })).toThrow(
      new TypeError('Cannot create subprocess: there is no option "maxBuffer"'),
    );
  }));

test(`${LOOP}.test_subprocess_shell_invalid_args: a shell command is text, and goes to a shell`, () =>
  nodeProgram(async () => {
    expect(() => subprocessShell(factory, ["ls", "-l"] as never)).toThrow(
      new TypeError("Cannot create subprocess: a shell command must be a string, received ls,-l"),
    );
    expect(() => subprocessShell(factory, "pwd", { encoding: "utf8" } as object)).toThrow(TypeError);
    expect(() => subprocessShell(factory, "pwd", { shell: false as never })).toThrow(
      new TypeError('Cannot create subprocess: option "shell" must be the path of a shell, received false'),
    );
  }));

test("test_subprocess.py::SubprocessTransportTests.test_proc_exited: the protocol hears of the exit and then that the connection is lost; after that the child can be sent no signal", () =>
  nodeProgram(async () => {
    const [transport, child] = await subprocessShell(factory, "exit 6", NO_PIPES);
    await child.completed();
    expect(child.log).toEqual(["made", "exited", ["lost", null]]);
    expect([transport.getReturncode(), transport.isClosing()]).toEqual([6, false]);
    const pid = transport.getPid();
    for (const send of [() => transport.sendSignal("SIGTERM"), () => transport.terminate()])
      expect(send).toThrow(
        new ProcessLookupError(`Cannot send SIGTERM to process ${pid}: it has ended with 6; look at returncode before`),
      );
    expect(() => transport.kill()).toThrow(ProcessLookupError);
    transport.close();
  }));

test("test_subprocess.py::SubprocessTransportTests.test_subprocess_repr: the text of a transport tells whether the child runs or how it has ended", () =>
  nodeProgram(async () => {
    const [transport, child] = await subprocessShell(factory, "read end; exit 6", { ...NO_PIPES, stdin: "pipe" });
    const pid = transport.getPid();
    const open = "stdin=<WritePipeTransport open bufsize=0>";
    expect(String(transport)).toBe(`<ProcessTransport pid=${pid} running ${open}>`);
    (transport.getPipeTransport(0) as WriteTransport).close();
    await child.completed();
    const closed = "stdin=<WritePipeTransport closed bufsize=0>";
    expect(String(transport)).toBe(`<ProcessTransport pid=${pid} returncode=6 ${closed}>`);
    transport.close();
    expect(String(transport)).toBe(`<ProcessTransport closed pid=${pid} returncode=6 ${closed}>`);
  }));

test("test_subprocess.py::SubprocessMixin.test_subprocess_protocol_events: data and end of each pipe come in order, the exit at any time, and the loss of the connection last", () =>
  nodeProgram(async () => {
    const events: unknown[] = [];
    class Noting extends ChildRecorder {
      override pipeDataReceived(fd: number, data: Uint8Array) {
        events.push(`data ${fd} ${String(data)}`);
        super.pipeDataReceived(fd, data);
      }
      override pipeConnectionLost(fd: number, error: unknown) {
        events.push(`end ${fd}`);
        super.pipeConnectionLost(fd, error);
      }
    }
    const command = "printf stdout; printf stderr >&2";
    const [transport, child] = await subprocessShell(() => new Noting(), command, { stdin: "ignore" });
    await child.completed();
    transport.close();
    expect(events.filter((event) => String(event).includes(" 1"))).toEqual(["data 1 stdout", "end 1"]);
    expect(events.filter((event) => String(event).includes(" 2"))).toEqual(["data 2 stderr", "end 2"]);
    expect([events.length, child.log[0], child.log.at(-1)]).toEqual([4, "made", ["lost", null]]);
    expect(child.log).toContain("exited");
  }));

test("test_subprocess.py::SubprocessMixin.test_close_kill_running: closing the transport of a child that runs kills it", () =>
  nodeProgram(
    async ({ loop }) => {
      loop.slowCallbackDuration = Infinity;
      const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
      const [transport, child] = await subprocessExec(factory, ...BLOCKED);
      expect(transport.getReturncode()).toBe(null);
      transport.close();
      await child.completed();
      expect([child.returncode, transport.isClosing()]).toEqual([-9, true]);
      expect(warn.mock.calls).toEqual([
        [
          expect.stringMatching(
            /^tsyncio: a running child process is closed: it kills <ProcessTransport closed pid=\d+ /,
          ),
        ],
      ]);
      warn.mockRestore();
    },
    { debug: true },
  ));
