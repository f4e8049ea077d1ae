import type { Coroutine } from "../coroutine/coroutine.ts";
import { WaitInLine, type WaitList } from "../coroutine/wait-list.ts";
import { SUSPEND } from "../coroutine/protocol.ts";
import { OVER, PARKED, WOKEN } from "../coroutine/wait.ts";
import { QueueShutDown } from "./queue-errors.ts";

/** What the waits need of their queue. */
export interface WaitedQueue<T> {
  /** @internal */ readonly getters: WaitList;
  /** @internal */ readonly putters: WaitList;
  /** @internal */ readonly joiners: WaitList;
  /** @internal */ readonly items: { readonly size: number };
  /** @internal */ readonly unfinished: number;
  /** @internal */ readonly isShutDown: boolean;
  /** @internal */ full(): boolean;
  /** @internal Takes an item that is there. */
  take(): T;
  /** @internal Puts an item for which there is a place. */
  store(item: T): void;
  /** @internal */ bind(): void;
  /** @internal */ wakeNext(line: WaitList): void;
}

/**
 * A wait in one of the lines of a queue. Being woken promises nothing: whoever comes in between may take the item or
 * the place, and then the task waits again, at the end of the line.
 */
abstract class QueueWait<T> extends WaitInLine<unknown> {
  readonly queue: WaitedQueue<T>;

  constructor(queue: WaitedQueue<T>) {
    super();
    this.queue = queue;
  }

  protected abstract get line(): WaitList;
  /** Whether the first in line could go on. */
  protected abstract get open(): boolean;

  protected waitInLine(): typeof SUSPEND {
    this.queue.bind();
    this.park();
    this.line.add(this);
    return SUSPEND;
  }

  override abandon(message: unknown): boolean {
    if (this.phase === PARKED) this.line.remove(this);
    return super.abandon(message);
  }

  override interrupted(): void {
    // Woken, and cancelled before its step: the next in line is woken in its place.
    if (this.phase === WOKEN && this.open) this.queue.wakeNext(this.line);
    this.phase = OVER;
  }
}

export class Get<T> extends QueueWait<T> {
  get name(): string {
    return "Queue.get";
  }

  protected get line(): WaitList {
    return this.queue.getters;
  }

  protected get open(): boolean {
    return this.queue.items.size > 0;
  }

  enter(): unknown {
    this.begin();
    return this.resume();
  }

  resume(): unknown {
    const { queue } = this;
    if (queue.items.size > 0) {
      this.phase = OVER;
      return queue.take();
    }
    if (queue.isShutDown) throw shutDownAndEmpty(queue);
    return this.waitInLine();
  }
}

/** What `for await` asks for. */
class Next<T> extends Get<T> {
  override get name(): string {
    return "Queue[Symbol.asyncIterator]";
  }

  override resume(): unknown {
    const { queue } = this;
    if (queue.isShutDown && queue.items.size === 0) {
      this.phase = OVER;
      return { done: true, value: undefined };
    }
    const item = super.resume();
    return item === SUSPEND ? SUSPEND : { done: false, value: item };
  }
}

export class Put<T> extends QueueWait<T> {
  readonly item: T;

  constructor(queue: WaitedQueue<T>, item: T) {
    super(queue);
    this.item = item;
  }

  get name(): string {
    return "Queue.put";
  }

  protected get line(): WaitList {
    return this.queue.putters;
  }

  protected get open(): boolean {
    return !this.queue.full();
  }

  enter(): unknown {
    this.begin();
    return this.resume();
  }

  resume(): unknown {
    const { queue } = this;
    if (queue.isShutDown) throw shutDown(queue);
    if (queue.full()) return this.waitInLine();
    this.phase = OVER;
    queue.store(this.item);
    return undefined;
  }
}

export class Join<T> extends QueueWait<T> {
  get name(): string {
    return "Queue.join";
  }

  protected get line(): WaitList {
    return this.queue.joiners;
  }

  protected get open(): boolean {
    return false;
  }

  enter(): unknown {
    this.begin();
    return this.queue.unfinished === 0 ? undefined : this.waitInLine();
  }

  resume(): undefined {
    this.phase = OVER;
  }
}

export function shutDown(queue: object): QueueShutDown {
  return new QueueShutDown(`Cannot put into ${queue.constructor.name}: it was shut down`);
}

export function shutDownAndEmpty(queue: object): QueueShutDown {
  return new QueueShutDown(`Cannot get from ${queue.constructor.name}: it was shut down and is empty`);
}

/** Takes items until the queue is shut down and empty. It needs no `return()`: it holds nothing. */
export class QueueIterator<T> implements AsyncIterableIterator<T, undefined> {
  readonly #queue: WaitedQueue<T>;

  constructor(queue: WaitedQueue<T>) {
    this.#queue = queue;
  }

  next(): Coroutine<IteratorResult<T, undefined>> {
    return new Next(this.#queue) as Coroutine<IteratorResult<T, undefined>>;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
