import { Heap } from "./heap.ts";
import { naturalOrder } from "./natural-order.ts";
import { Queue } from "./queue.ts";

/** Options of `PriorityQueue`. */
export interface PriorityQueueOptions<T> {
  /** Negative when `a` comes before `b`. Default: Python's order of numbers, strings, dates, and arrays as tuples. */
  readonly compare?: (a: T, b: T) => number;
}

/**
 * A queue that gives the lowest item first. Equal items leave in the order of Python's heapq, which is not the order
 * in which they came: put `[priority, number, item]` where that matters.
 *
 * `putNowait()` and `put()` throw `TypeError` for items that cannot be compared; the queue stays as it was.
 *
 * @example
 * ```ts
 * import { PriorityQueue } from "tsyncio";
 * const queue = new PriorityQueue<[priority: number, job: string]>();
 * queue.putNowait([2, "sweep"]);
 * queue.putNowait([1, "cook"]);
 * console.log(queue.getNowait()[1]); // → cook
 * ```
 * @see https://docs.python.org/3.13/library/asyncio-queue.html#asyncio.PriorityQueue
 */
export class PriorityQueue<T> extends Queue<T> {
  /**
   * @param maxsize how many items it takes; without limit when 0 or less.
   * @throws {TypeError} when `compare` is no function.
   */
  constructor(maxsize = 0, options?: PriorityQueueOptions<T>) {
    const compare = options?.compare ?? naturalOrder;
    if (typeof compare !== "function")
      throw new TypeError(`Cannot create PriorityQueue: compare must be a function, received ${String(compare)}`);
    super(maxsize, new Heap<T>(compare));
  }
}
