import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { type Context, type Coroutine, Event, type EventLoop, type Future, copyContext, coroutine } from "tsyncio";
import { ProcessLookupError } from "../errors.ts";
import type { SubprocessProtocol } from "../transport/protocol.ts";
import { ReadPipeTransport } from "../transport/read-pipe-transport.ts";
import { type BaseTransport, SubprocessTransport } from "../transport/transport.ts";
import { WritePipeTransport } from "../transport/write-pipe-transport.ts";
import { PipeProtocol } from "./pipe-protocol.ts";

type Pipe = ReadPipeTransport | WritePipeTransport;

/**
 * The transport of a child process that is running: its pipes, each a transport of its own, and its exit.
 *
 * | the child | entered by | left by |
 * |---|---|---|
 * | runs | constructor; `connectionMade` is scheduled | Node's "exit" |
 * | has exited | `processExited` is scheduled | all its pipes have ended |
 * | is gone | `connectionLost` is scheduled; then it can be sent no signal | |
 */
export class ProcessTransport extends SubprocessTransport {
  readonly #loop: EventLoop;
  readonly #child: ChildProcess;
  readonly #detached: boolean;
  readonly #context: Context;
  #protocol: SubprocessProtocol;
  readonly #stdin: WritePipeTransport | null;
  readonly #stdout: ReadPipeTransport | null;
  readonly #stderr: ReadPipeTransport | null;
  #openPipes = 0;
  #returncode: number | null = null;
  #state: "runs" | "has exited" | "is gone" = "runs";
  #closed = false;
  #lost = false;
  readonly #exit: Event = new Event();
  /** Made when somebody waits for it, which few do. */
  #end: Event | null = null;

  /**
   * @internal Use `subprocessExec()`, `createSubprocessExec()` and their like.
   * @param output where the child's stdout is read.
   * @param detached whether the child may outlive the loop.
   * @param ready is done when `connectionMade` has been called.
   */
  constructor(
    loop: EventLoop,
    child: ChildProcess,
    output: Readable | null,
    protocol: SubprocessProtocol,
    detached: boolean,
    ready: Future<undefined>,
  ) {
    super({ subprocess: child });
    this.#loop = loop;
    this.#child = child;
    this.#detached = detached;
    this.#context = copyContext();
    this.#protocol = protocol;
    child.on("exit", this.#onExit);
    const { stdin } = child;
    this.#stdin = stdin === null ? null : new WritePipeTransport(loop, stdin, this.#pipeProtocol(0));
    this.#stdout = this.#readPipe(1, output);
    this.#stderr = this.#readPipe(2, child.stderr);
    loop.resources.add(this);
    loop.callSoonIn(this.#context, connectionMade, this, ready);
  }

  #readPipe(fd: number, stream: Readable | null): ReadPipeTransport | null {
    return stream === null ? null : new ReadPipeTransport(this.#loop, stream, this.#pipeProtocol(fd));
  }

  #pipeProtocol(fd: number): PipeProtocol {
    this.#openPipes++;
    return new PipeProtocol(this, fd);
  }

  /** Those that there are, by their descriptors. */
  get #pipes(): [fd: number, pipe: Pipe][] {
    const all = [this.#stdin, this.#stdout, this.#stderr];
    return [...all.entries()].filter((entry): entry is [number, Pipe] => entry[1] !== null);
  }

  /** @internal */
  begin(ready: Future<undefined>): void {
    try {
      this.#stdin?.begin();
      this.#stdout?.begin();
      this.#stderr?.begin();
      this.#protocol.connectionMade(this);
    } finally {
      if (!ready.done()) ready.setResult(undefined);
    }
  }

  override isClosing(): boolean {
    return this.#closed;
  }

  override setProtocol(protocol: SubprocessProtocol): void {
    this.#protocol = protocol;
    for (const [fd, pipe] of this.#pipes) pipe.setProtocol(new PipeProtocol(this, fd));
  }

  override getProtocol(): SubprocessProtocol {
    return this.#protocol;
  }

  override getPid(): number {
    return this.#child.pid as number;
  }

  override getReturncode(): number | null {
    return this.#returncode;
  }

  override getPipeTransport(fd: number): BaseTransport | null {
    return fd === 0 ? this.#stdin : fd === 1 ? this.#stdout : fd === 2 ? this.#stderr : null;
  }

  /**
   * Sends a signal. A child that has exited is spared it, until `connectionLost` has told the protocol everything.
   *
   * @throws {ProcessLookupError} after that.
   * @throws Node's error when this is not allowed (`code` "EPERM").
   * @throws {TypeError} for what is no signal.
   */
  override sendSignal(signal: NodeJS.Signals | number): void {
    if (this.#lost)
      throw new ProcessLookupError(
        `Cannot send ${signal} to process ${this.getPid()}: it has ended with ${String(this.#returncode)}; look at returncode before`,
      );
    if (this.#state !== "runs") return;
    try {
      process.kill(this.getPid(), signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  override terminate(): void {
    this.sendSignal("SIGTERM");
  }

  override kill(): void {
    this.sendSignal("SIGKILL");
  }

  /** @internal It may have ended in this very moment. */
  killIfRunning(): void {
    if (this.#state === "runs") this.kill();
  }

  /** Closes the pipes, and kills the child if it still runs. */
  override close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const [, pipe] of this.#pipes) pipe.close();
    if (this.#state !== "runs") return;
    if (this.#loop.getDebug()) console.warn(`tsyncio: a running child process is closed: it kills ${String(this)}`);
    this.#killed();
  }

  /** Kills it, if this is allowed: it may run as another user. */
  #killed(): boolean {
    try {
      this.sendSignal("SIGKILL");
      return true;
    } catch {
      return false;
    }
  }

  /** @internal Waits until the child has exited: gives its return code. */
  exited(): Coroutine<number> {
    return ProcessTransport.#exited(this);
  }

  static readonly #exited = coroutine(function* wait(transport: ProcessTransport) {
    if (transport.#returncode === null) yield transport.#exit.wait();
    return transport.#returncode as number;
  });

  /** @internal Waits until `connectionLost` has been called. */
  ended(): Coroutine<void> {
    return ProcessTransport.#ended(this);
  }

  static readonly #ended = coroutine(function* waitEnd(transport: ProcessTransport) {
    if (!transport.#lost) yield (transport.#end ??= new Event()).wait();
  });

  readonly #onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
    this.#returncode = signal === null ? (code as number) : -constants.signals[signal];
    this.#state = "has exited";
    // Node has just destroyed the stream, and soon takes what was not sent for sent.
    this.#stdin?.readerGone();
    this.#loop.callSoonIn(this.#context, processExited, this);
    this.#checkGone();
  };

  /** @internal */
  told(): void {
    try {
      this.#protocol.processExited();
    } finally {
      this.#exit.set();
    }
  }

  /** @internal A pipe has ended. */
  pipeLost(fd: number, error: unknown): void {
    this.#openPipes--;
    try {
      this.#protocol.pipeConnectionLost(fd, error);
    } finally {
      this.#checkGone();
    }
  }

  #checkGone(): void {
    if (this.#state !== "has exited" || this.#openPipes > 0) return;
    this.#state = "is gone";
    this.#loop.resources.delete(this);
    this.#loop.callSoonIn(this.#context, connectionLost, this);
  }

  /** @internal */
  finish(): void {
    this.#lost = true;
    try {
      this.#protocol.connectionLost(null);
    } finally {
      this.#end?.set();
    }
  }

  /** @internal The pipes let go of themselves. */
  loopClosed(): void {
    if (this.#loop.getDebug()) process.emitWarning(`unclosed transport ${String(this)}`, "ResourceWarning");
    this.#closed = true;
    this.#child.off("exit", this.#onExit);
    // One that is killed is reaped before the program ends.
    if (this.#detached || !this.#killed()) this.#child.unref();
  }

  override toString(): string {
    const state = this.#returncode === null ? "running" : `returncode=${this.#returncode}`;
    const pipes = this.#pipes.map(([fd, pipe]) => ` ${["stdin", "stdout", "stderr"][fd]}=${String(pipe)}`);
    return `<${this.constructor.name}${this.#closed ? " closed" : ""} pid=${this.getPid()} ${state}${pipes.join("")}>`;
  }
}

// Callbacks of the loop: their names stand in reports.

function connectionMade(transport: ProcessTransport, ready: Future<undefined>): void {
  transport.begin(ready);
}

function processExited(transport: ProcessTransport): void {
  transport.told();
}

function connectionLost(transport: ProcessTransport): void {
  transport.finish();
}
