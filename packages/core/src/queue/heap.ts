/**
 * Items lowest first: a binary heap with the comparisons of Python's heapq, so that equal items leave in the same order
 * as there. A comparison that throws leaves the heap as it was.
 */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #compare: (a: T, b: T) => number;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  add(item: T): void {
    const items = this.#items;
    let at = items.length;
    while (at > 0 && this.#less(item, items[(at - 1) >> 1])) at = (at - 1) >> 1;
    // The ancestors that are greater move down by one, the lowest first.
    let hole = items.length;
    items.push(item);
    while (hole !== at) {
      const parent = (hole - 1) >> 1;
      items[hole] = items[parent];
      hole = parent;
    }
    items[at] = item;
  }

  /** The heap must not be empty. */
  take(): T {
    const items = this.#items;
    const end = items.length - 1;
    const last = items[end];
    let at = 0;
    for (let child = 1; child < end; child = 2 * at + 1) {
      at = child + 1 < end && !this.#less(items[child], items[child + 1]) ? child + 1 : child;
    }
    while (at > 0 && this.#less(last, items[at])) at = (at - 1) >> 1;
    // Up to there, the lower child of each moves up by one.
    items.length = end;
    if (end === 0) return last;
    let carried = last;
    while (at > 0) {
      const moved = items[at];
      items[at] = carried;
      carried = moved;
      at = (at - 1) >> 1;
    }
    const lowest = items[0];
    items[0] = carried;
    return lowest;
  }

  /** In the order of the heap, which is not sorted. */
  [Symbol.iterator](): Iterator<T> {
    return this.#items[Symbol.iterator]();
  }

  #less(a: T, b: T): boolean {
    return this.#compare(a, b) < 0;
  }
}
