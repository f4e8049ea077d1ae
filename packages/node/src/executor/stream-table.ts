import type { Encoded } from "./encode-error.ts";
import { reviveError } from "./revive-error.ts";
import type { Job } from "./job.ts";
import type { PoolWorker } from "./pool-worker.ts";
import { RemoteStream, type StreamOwner, StreamReceiver } from "./remote-stream.ts";

/** Milliseconds for the stream of a pool that has been shut down to find its consumer. */
const FINDING = 1000;

/** The streams that the jobs of a pool give. */
export class StreamTable {
  readonly #kind: string;
  readonly #owner: StreamOwner;
  readonly #streams: Map<number, StreamReceiver> = new Map();
  #closed = false;

  constructor(kind: string, owner: StreamOwner) {
    this.#kind = kind;
    this.#owner = owner;
  }

  /** The result of a job is a stream. */
  begin(worker: PoolWorker, job: Job): void {
    const receiver = new StreamReceiver(worker, job, this.#owner);
    this.#streams.set(job.id, receiver);
    const { future, wanted } = job;
    worker.release();
    job.state = "streaming";
    // What the future holds must not be held from here, or nobody could forget it.
    job.future = null;
    if (wanted) future?.setResult(new RemoteStream(receiver));
    else receiver.leave();
    if (this.#closed) setTimeout(() => this.#withdraw(receiver, false), FINDING).unref();
  }

  items(id: number, items: readonly unknown[]): void {
    this.#streams.get(id)?.push(items);
  }

  /** Nobody will iterate it, unless somebody has begun. */
  forget(id: number): void {
    const stream = this.#streams.get(id);
    if (stream?.state === "new") stream.leave();
  }

  /** The iterator is over. */
  end(id: number, error: Encoded | undefined): void {
    this.#take(id)?.end(error === undefined ? null : { error: reviveError(error) });
  }

  /** Its worker is gone. */
  broken(id: number, error: Error): void {
    const stream = this.#take(id);
    stream?.end(stream.state === "left" ? null : { error });
  }

  #take(id: number): StreamReceiver | undefined {
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    return stream;
  }

  /** Ends those that nobody has begun to iterate, or all. */
  close(all: boolean): void {
    this.#closed = true;
    for (const receiver of this.#streams.values()) this.#withdraw(receiver, all);
  }

  #withdraw(receiver: StreamReceiver, begunToo: boolean): void {
    if (begunToo || receiver.state === "new") receiver.withdraw(this.#kind);
  }
}
