/** The figures of a run, as they grow. */
export class Tally {
  readonly #begun = performance.now();
  #ended: number | undefined;
  /** Jobs that have a task now, and how many there were at most. */
  readonly running: Level = new Level();
  /** Requests that have no answer yet, and how many there were at most. */
  readonly inFlight: Level = new Level();
  /** Records in the file, by source; those that earlier runs left are among them. */
  readonly records: Map<string, number> = new Map();
  /** How often what was survived. */
  readonly troubles: Map<string, number> = new Map();
  /** How many pages are known and not crawled yet; undefined when there is no crawl. */
  pagesWaiting: (() => number) | undefined = undefined;
  jobs = 0;
  failed = 0;
  requests = 0;
  bytes = 0;

  addRecords(source: string, count: number): void {
    this.records.set(source, (this.records.get(source) ?? 0) + count);
  }

  addTrouble(kind: string): void {
    this.troubles.set(kind, (this.troubles.get(kind) ?? 0) + 1);
  }

  get retries(): number {
    return sum(this.troubles.values());
  }

  get allRecords(): number {
    return sum(this.records.values());
  }

  /** Milliseconds from the beginning to now, or to `stop()`. */
  get elapsed(): number {
    return (this.#ended ?? performance.now()) - this.#begun;
  }

  stop(): void {
    this.#ended = performance.now();
  }
}

/** How many there are of something that comes and goes. */
export class Level {
  now = 0;
  most = 0;

  /** One more, until what it gives is disposed of. */
  enter(): Disposable {
    this.now += 1;
    this.most = Math.max(this.most, this.now);
    return { [Symbol.dispose]: () => void (this.now -= 1) };
  }
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
