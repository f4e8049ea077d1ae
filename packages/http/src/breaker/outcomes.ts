interface Slot {
  readonly number: number;
  successes: number;
  failures: number;
}

const SLOTS = 10;

/** How many requests have succeeded and failed of late: within `span`, and up to a tenth less. */
export class Outcomes {
  readonly #length: number;
  #slots: Slot[] = [];

  constructor(span: number) {
    this.#length = span / SLOTS;
  }

  add(failed: boolean, now: number): void {
    const number = Math.floor(now / this.#length);
    let slot = this.#slots.at(-1);
    if (slot?.number !== number) this.#slots.push((slot = { number, successes: 0, failures: 0 }));
    if (failed) slot.failures++;
    else slot.successes++;
  }

  count(now: number): { requests: number; failures: number } {
    const oldest = Math.floor(now / this.#length) - SLOTS;
    while (this.#slots.length > 0 && (this.#slots[0] as Slot).number <= oldest) this.#slots.shift();
    let requests = 0;
    let failures = 0;
    for (const slot of this.#slots) {
      requests += slot.successes + slot.failures;
      failures += slot.failures;
    }
    return { requests, failures };
  }

  clear(): void {
    this.#slots = [];
  }
}
