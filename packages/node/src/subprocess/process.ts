import { type Coroutine, type EventLoop, RuntimeError, coroutine } from "tsyncio";
import { shownAsText } from "../shown-as-text.ts";
import { StreamReader } from "../stream/stream-reader.ts";
import type { StreamWriter } from "../stream/stream-writer.ts";
import type { ProcessTransport } from "./process-transport.ts";
import { reaped } from "./reaped.ts";
import type { SubprocessStreamProtocol } from "./subprocess-stream-protocol.ts";

/** What a child wrote to a stream: null where there is no pipe. */
type OutputOf<Stream> = Stream extends StreamReader ? Buffer : null;

/**
 * A child process, with its piped streams: see `createSubprocessExec`.
 *
 * `await using` ends it: a child that is still running when the block is left, by a cancellation say, gets SIGTERM, after the
 * grace given (`killGrace`, 5 s) SIGKILL, and is waited for. A child that is left running is killed when the event loop is
 * closed, unless it is `detached`.
 *
 * @see https://docs.python.org/3.13/library/asyncio-subprocess.html#interacting-with-subprocesses
 */
export class Process<
  Stdin extends StreamWriter | null = StreamWriter | null,
  Stdout extends StreamReader | null = StreamReader | null,
  Stderr extends StreamReader | null = StreamReader | null,
> implements AsyncDisposable {
  readonly #transport: ProcessTransport;
  readonly #loop: EventLoop;
  readonly #killGrace: number;
  /** Writes what the child reads; null unless it is a pipe. */
  readonly stdin: Stdin;
  /** Reads what the child writes; null unless it is a pipe. */
  readonly stdout: Stdout;
  /** Reads what the child writes as errors; null unless it is a pipe of its own. */
  readonly stderr: Stderr;
  /** The number of the process. */
  readonly pid: number;
  static {
    shownAsText(this.prototype);
  }

  /** @internal Use `createSubprocessExec()` or `createSubprocessShell()`. */
  constructor(transport: ProcessTransport, protocol: SubprocessStreamProtocol, loop: EventLoop, killGrace: number) {
    this.#transport = transport;
    this.#loop = loop;
    this.#killGrace = killGrace;
    this.stdin = protocol.stdin as Stdin;
    this.stdout = protocol.stdout as Stdout;
    this.stderr = protocol.stderr as Stderr;
    this.pid = transport.getPid();
  }

  /** Null while it runs, its exit code, or minus the number of the signal that ended it: -9 after `kill()`. */
  get returncode(): number | null {
    return this.#transport.getReturncode();
  }

  /**
   * Waits until it has exited, and gives the return code. Any number of tasks may wait. A child that writes more into a pipe
   * than is read waits as well: use `communicate()`.
   *
   * **When cancelled**: the child runs on.
   */
  wait(): Coroutine<number> {
    return this.#transport.exited();
  }

  /**
   * Writes `input` to stdin and closes it, reads stdout and stderr to their ends, all at the same time, and waits until the
   * child has exited. Everything is held in memory. A child that does not read its input to the end is no error.
   *
   * **When cancelled**: the child runs on; what it has written can still be read.
   *
   * @returns what came from stdout and from stderr, null for what is no pipe.
   * @throws {RuntimeError} for input without a pipe to write it to.
   */
  communicate(
    input: string | Uint8Array | null = null,
  ): Coroutine<[stdout: OutputOf<Stdout>, stderr: OutputOf<Stderr>]> {
    if (input !== null && this.stdin === null)
      throw new RuntimeError('Cannot communicate input: stdin is no pipe; start the child with stdin: "pipe"');
    return communicating(this, input) as Coroutine<[OutputOf<Stdout>, OutputOf<Stderr>]>;
  }

  /**
   * Sends a signal, by name or number. To a child that has just exited it is not sent.
   *
   * @throws {ProcessLookupError} when the child has ended and its pipes are read to the end.
   * @throws Node's error when this is not allowed (`code` "EPERM").
   * @throws {TypeError} for what is no signal.
   */
  sendSignal(signal: NodeJS.Signals | number): void {
    this.#transport.sendSignal(signal);
  }

  /** Asks it to end: sends SIGTERM. */
  terminate(): void {
    this.#transport.terminate();
  }

  /** Ends it: sends SIGKILL. */
  kill(): void {
    this.#transport.kill();
  }

  /**
   * Ends it and waits until it is gone, for `await using`.
   *
   * **When cancelled**: it is killed at once, and waited for all the same.
   */
  [Symbol.asyncDispose](): Coroutine<void> {
    return disposing(this.#transport, this.#loop, this.#killGrace);
  }

  toString(): string {
    return `<${this.constructor.name} ${this.pid}>`;
  }
}

const communicating = coroutine(function* communicate(process: Process, input: string | Uint8Array | null) {
  const { stdin, stdout, stderr } = process;
  if (stdin !== null) feed(stdin, input);
  let out: Buffer | null = null;
  let err: Buffer | null = null;
  if (stdout !== null && stderr !== null) [out, err] = yield* StreamReader.readBoth(stdout, stderr);
  else if (stdout !== null) out = yield* stdout.read();
  else if (stderr !== null) err = yield* stderr.read();
  yield* process.wait();
  return [out, err];
});

/** Nothing waits for it: it is written while the child reads, and lost when that has closed its end. */
function feed(stdin: StreamWriter, input: string | Uint8Array | null): void {
  try {
    if (input !== null) void stdin.write(input);
  } finally {
    stdin.close();
  }
}

const disposing = coroutine(function* dispose(transport: ProcessTransport, loop: EventLoop, killGrace: number) {
  const running = transport.getReturncode() === null;
  if (running) transport.terminate();
  const kill = (): void => transport.killIfRunning();
  const timer = running ? loop.callLater(killGrace, kill) : null;
  try {
    yield* reaped(transport, kill);
  } finally {
    timer?.cancel();
  }
});
