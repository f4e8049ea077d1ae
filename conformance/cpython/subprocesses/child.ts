import { SubprocessProtocol, type SubprocessTransport } from "@tsyncio/node";
import type { Coroutine } from "tsyncio";
import { Watch } from "../transports/watch.ts";

/** A protocol that notes what it hears of a child. */
export class ChildRecorder extends SubprocessProtocol {
  /** What happened, without the data. */
  readonly log: unknown[] = [];
  readonly data: Record<number, string> = { 1: "", 2: "" };
  declare transport: SubprocessTransport;
  /** When `processExited` was called. */
  returncode: number | null = null;
  lost = false;
  readonly #watch = new Watch();

  override connectionMade(transport: SubprocessTransport): void {
    this.transport = transport;
    this.#event("made");
  }

  override pipeDataReceived(fd: number, data: Uint8Array): void {
    this.data[fd] += String(Buffer.from(data));
    this.#watch.changed();
  }

  override pipeConnectionLost(fd: number, error: unknown): void {
    this.#event(["pipe lost", fd, error]);
  }

  override processExited(): void {
    this.returncode = this.transport.getReturncode();
    this.#event("exited");
  }

  override connectionLost(error: unknown): void {
    this.lost = true;
    this.#event(["lost", error]);
  }

  #event(event: unknown): void {
    this.log.push(event);
    this.#watch.changed();
  }

  until(condition: () => boolean): Coroutine<void> {
    return this.#watch.until(condition);
  }

  /** Waits until `connectionLost` has been called. */
  completed(): Coroutine<void> {
    return this.until(() => this.lost);
  }
}

/** A program that ends only when it is made to. */
export const BLOCKED = ["sleep", ["3600"]] as const;
/** A program that copies what it reads to what it writes, as it comes. */
export const CAT = ["cat", []] as const;

/** Whether there is such a process. */
export function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
