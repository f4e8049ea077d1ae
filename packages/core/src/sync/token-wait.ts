import type { TimerHandle } from "../loop/handle.ts";
import { SUSPEND } from "../coroutine/protocol.ts";
import { OVER, PARKED, WOKEN, Wait } from "../coroutine/wait.ts";

/** A bucket, as its waits see it. Times are milliseconds on the loop's clock. */
export interface Bucket {
  /** @internal */ first: Demand | null;
  /** @internal */ last: Demand | null;
  /** @internal */ waiters: number;
  /** @internal When so many tokens will be there. */
  readyAt(amount: number): number;
  /** @internal */ take(amount: number, now: number): void;
  /** @internal */ giveBack(amount: number): void;
  /** @internal */ now(): number;
  /** @internal */ bind(): void;
}

/** What a wait asks of one bucket, and its place in the line of that bucket. */
export class Demand {
  readonly bucket: Bucket;
  readonly amount: number;
  wait: TokenWait | null = null;
  previous: Demand | null = null;
  next: Demand | null = null;

  constructor(bucket: Bucket, amount: number) {
    this.bucket = bucket;
    this.amount = amount;
  }

  join(wait: TokenWait): void {
    const { bucket } = this;
    this.wait = wait;
    this.previous = bucket.last;
    if (bucket.last === null) bucket.first = this;
    else bucket.last.next = this;
    bucket.last = this;
    bucket.waiters++;
  }

  leave(): void {
    const { bucket, previous, next } = this;
    if (previous === null) bucket.first = next;
    else previous.next = next;
    if (next === null) bucket.last = previous;
    else next.previous = previous;
    bucket.waiters--;
  }
}

/**
 * Waits until all of its buckets have what it asks, and then takes from all of them at once. It stands in the line of
 * each, and only who is first in all of its lines is served: the order of arrival is the same in every line, so that
 * nobody waits in a circle.
 */
export class TokenWait extends Wait<void> {
  readonly demands: readonly Demand[];
  #timer: TimerHandle | null = null;

  constructor(demands: readonly Demand[]) {
    super();
    this.demands = demands;
  }

  get name(): string {
    return "RateLimiter.acquire";
  }

  enter(): undefined | typeof SUSPEND {
    this.begin();
    if (this.takeFree()) return undefined;
    for (const { bucket } of this.demands) bucket.bind();
    this.park();
    for (const demand of this.demands) demand.join(this);
    this.#serve();
    return SUSPEND;
  }

  /** Takes at once what is there for somebody who does not wait. */
  takeFree(): boolean {
    const { demands } = this;
    for (const { bucket } of demands) if (bucket.first !== null) return false;
    return this.#takeAll();
  }

  #takeAll(): boolean {
    const { demands } = this;
    if (demands.length === 0) return true;
    const now = demands[0].bucket.now();
    for (const { bucket, amount } of demands) if (bucket.readyAt(amount) > now) return false;
    for (const { bucket, amount } of demands) bucket.take(amount, now);
    return true;
  }

  /** Whoever is first in all of its lines: it is woken with its tokens, or sets its timer. Gives whether it is gone. */
  #serve(): boolean {
    let when = 0;
    for (const demand of this.demands) {
      if (demand.bucket.first !== demand) return false;
      when = Math.max(when, demand.bucket.readyAt(demand.amount));
    }
    if (!this.#takeAll()) {
      this.#wakeAt(when);
      return false;
    }
    this.#leave();
    this.wake();
    return true;
  }

  #wakeAt(when: number): void {
    if (this.#timer?.when() === when) return;
    this.#timer?.cancel();
    this.#timer = this.task!.loop.callAt(when, () => {
      this.#timer = null;
      if (this.#serve()) this.#serveOthers();
    });
  }

  #leave(): void {
    this.#timer?.cancel();
    this.#timer = null;
    for (const demand of this.demands) demand.leave();
  }

  /** After this one has left its lines or given tokens back: those who are first there now. */
  #serveOthers(): void {
    const buckets = this.demands.map(({ bucket }) => bucket);
    for (let bucket = buckets.pop(); bucket !== undefined; bucket = buckets.pop()) {
      while (bucket.first !== null) {
        const wait: TokenWait = bucket.first.wait!;
        if (!wait.#serve()) break;
        for (const demand of wait.demands) if (demand.bucket !== bucket) buckets.push(demand.bucket);
      }
    }
  }

  resume(): undefined {
    this.phase = OVER;
  }

  override abandon(message: unknown): boolean {
    if (this.phase !== PARKED) return false;
    this.#leave();
    super.abandon(message);
    this.#serveOthers();
    return true;
  }

  override interrupted(): void {
    if (this.phase === WOKEN) {
      for (const { bucket, amount } of this.demands) bucket.giveBack(amount);
      this.#serveOthers();
    }
    this.phase = OVER;
  }
}
