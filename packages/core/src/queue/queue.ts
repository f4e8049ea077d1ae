import type { Coroutine } from "../coroutine/coroutine.ts";
import { RuntimeError } from "../errors.ts";
import { WaitList } from "../coroutine/wait-list.ts";
import { brief } from "../loop/brief.ts";
import { LoopBound } from "../task/loop-bound.ts";
import { Get, Join, Put, QueueIterator, type WaitedQueue, shutDown, shutDownAndEmpty } from "./queue-wait.ts";
import { Ring } from "./ring.ts";
import { QueueEmpty, QueueFull } from "./queue-errors.ts";

/** How a queue keeps its items: what comes out next. */
export interface QueueItems<T> extends Iterable<T> {
  readonly size: number;
  add(item: T): void;
  /** Called only when there is an item. */
  take(): T;
}

/** How a queue is doing. */
export interface QueueStatistics {
  readonly size: number;
  readonly maxsize: number;
  /** Items put and not yet marked with `taskDone()`. */
  readonly unfinished: number;
  readonly isShutDown: boolean;
  /** Tasks that wait for an item. */
  readonly getters: number;
  /** Tasks that wait for a free place. */
  readonly putters: number;
  /** Tasks in `join()`. */
  readonly joiners: number;
}

/**
 * Hands items from tasks that put to tasks that get, first in, first out. With a `maxsize`, `put()` waits while the
 * queue is full: a fast producer is held back. Waiting tasks are served in the order in which they came.
 *
 * `for await (const item of queue)` takes items until the queue is shut down and empty; leaving the loop loses none.
 *
 * @example
 * ```ts
 * import { Queue, createTask, run } from "tsyncio";
 * async function produce(queue: Queue<number>) {
 *   for (let i = 0; i < 3; i++) await queue.put(i);
 *   queue.shutdown();
 * }
 * async function main() {
 *   const queue = new Queue<number>(1);
 *   createTask(produce(queue));
 *   for await (const item of queue) console.log(item);
 * }
 * await run(main()); // → 0
 * // → 1
 * // → 2
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-queue.html
 */
export class Queue<T> extends LoopBound implements WaitedQueue<T> {
  /** How many items it takes; without limit when 0 or less. */
  readonly maxsize: number;
  /** @internal */ readonly items: QueueItems<T>;
  /** @internal */ readonly getters: WaitList = new WaitList();
  /** @internal */ readonly putters: WaitList = new WaitList();
  /** @internal */ readonly joiners: WaitList = new WaitList();
  /** @internal */ unfinished = 0;
  /** @internal */ isShutDown = false;

  /**
   * @param maxsize how many items it takes; without limit when 0 or less.
   * @param items keeps the items: for a queue with an order of its own.
   * @throws {TypeError} when `maxsize` is no number.
   */
  constructor(maxsize = 0, items: QueueItems<T> = new Ring<T>()) {
    super();
    if (typeof maxsize !== "number" || Number.isNaN(maxsize))
      throw new TypeError(`Cannot create ${new.target.name}: maxsize must be a number, received ${String(maxsize)}`);
    this.maxsize = maxsize;
    this.items = items;
  }

  /** How many items it holds. */
  qsize(): number {
    return this.items.size;
  }

  empty(): boolean {
    return this.items.size === 0;
  }

  /** Whether it holds `maxsize` items; never without a limit. */
  full(): boolean {
    return this.maxsize > 0 && this.items.size >= this.maxsize;
  }

  /**
   * Puts an item, and waits for a free place while the queue is full. Does not suspend when it is not.
   *
   * **When cancelled**: the item is not in the queue.
   *
   * @throws {QueueShutDown} when the queue is shut down, also while it waits.
   * @throws {RuntimeError} when it must wait on another loop than the first.
   */
  put(item: T): Coroutine<void> {
    return new Put(this, item) as Coroutine<void>;
  }

  /**
   * Puts an item at once.
   *
   * @throws {QueueFull} when there is no free place.
   * @throws {QueueShutDown} when the queue is shut down.
   */
  putNowait(item: T): void {
    if (this.isShutDown) throw shutDown(this);
    if (this.full())
      throw new QueueFull(
        `Cannot put into ${this.constructor.name}: it is full, maxsize is ${this.maxsize}; put() waits for a place`,
      );
    this.store(item);
  }

  /** @internal */
  store(item: T): void {
    this.items.add(item);
    this.unfinished++;
    if (this.getters.first !== null) this.wakeNext(this.getters);
  }

  /**
   * Takes an item, and waits until there is one. Does not suspend when there is.
   *
   * **When cancelled**: no item was taken.
   *
   * @throws {QueueShutDown} when the queue is shut down and empty, also while it waits.
   * @throws {RuntimeError} when it must wait on another loop than the first.
   */
  get(): Coroutine<T> {
    return new Get(this) as Coroutine<T>;
  }

  /**
   * Takes an item at once.
   *
   * @throws {QueueEmpty} when there is none.
   * @throws {QueueShutDown} when there is none and the queue is shut down.
   */
  getNowait(): T {
    if (this.empty()) {
      if (this.isShutDown) throw shutDownAndEmpty(this);
      throw new QueueEmpty(`Cannot get from ${this.constructor.name}: it is empty; get() waits for an item`);
    }
    return this.take();
  }

  /** @internal */
  take(): T {
    const item = this.items.take();
    if (this.putters.first !== null) this.wakeNext(this.putters);
    return item;
  }

  /**
   * Tells that an item that was taken is dealt with: `join()` waits for that.
   *
   * @throws {RuntimeError} when it is called more often than items were put.
   */
  taskDone(): void {
    if (this.unfinished <= 0)
      throw new RuntimeError(
        `Cannot mark an item of ${this.constructor.name} as done: taskDone() was called too many times, once for each item is enough`,
      );
    if (--this.unfinished === 0) this.#wakeAll(this.joiners);
  }

  /**
   * Waits until every item put has been marked with `taskDone()`.
   *
   * **When cancelled**: nothing is held or lost.
   */
  join(): Coroutine<void> {
    return new Join(this) as Coroutine<void>;
  }

  /**
   * Ends the queue: it takes no more items, and `get()` throws `QueueShutDown` once it is empty. Tasks that wait for a
   * place are refused. With `immediate` the items are dropped, and count as done.
   */
  shutdown(immediate = false): void {
    this.isShutDown = true;
    if (immediate) {
      while (!this.empty()) {
        this.items.take();
        if (this.unfinished > 0) this.unfinished--;
      }
      if (this.unfinished === 0) this.#wakeAll(this.joiners);
    }
    this.#wakeAll(this.getters);
    this.#wakeAll(this.putters);
  }

  /** The items as they come, until the queue is shut down and empty. Any number of loops may share the queue. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return new QueueIterator(this);
  }

  /** @internal */
  wakeNext(line: WaitList): void {
    const { first } = line;
    if (first === null) return;
    line.remove(first);
    first.wake();
  }

  #wakeAll(line: WaitList): void {
    while (line.first !== null) this.wakeNext(line);
  }

  statistics(): QueueStatistics {
    const { maxsize, unfinished, isShutDown, getters, putters, joiners } = this;
    return Object.freeze({
      size: this.qsize(),
      maxsize,
      unfinished,
      isShutDown,
      getters: getters.size,
      putters: putters.size,
      joiners: joiners.size,
    });
  }

  override toString(): string {
    const parts = [`maxsize=${this.maxsize}`];
    if (!this.empty()) parts.push(`items=[${this.#itemTexts().join(", ")}]`);
    if (this.getters.size > 0) parts.push(`getters[${this.getters.size}]`);
    if (this.putters.size > 0) parts.push(`putters[${this.putters.size}]`);
    if (this.unfinished > 0) parts.push(`tasks=${this.unfinished}`);
    if (this.isShutDown) parts.push("shutdown");
    return `<${this.constructor.name} ${parts.join(" ")}>`;
  }

  #itemTexts(): string[] {
    const texts: string[] = [];
    for (const item of this.items) {
      if (texts.length === 10) return [...texts, `... ${this.qsize() - 10} more`];
      texts.push(brief(item));
    }
    return texts;
  }
}
