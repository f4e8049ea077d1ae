/** When there are fewer, nothing is looked for. */
const FEW = 1_000;

/** Something for each origin. Of very many that is kept of which there is something to know. */
export class OriginMap<V> {
  readonly #map = new Map<string, V>();
  readonly #idle: (value: V) => boolean;
  #enough = FEW;

  /** @param idle whether a value may be forgotten: another, made anew, would do as well. */
  constructor(idle: (value: V) => boolean) {
    this.#idle = idle;
  }

  get(origin: string): V | undefined {
    return this.#map.get(origin);
  }

  set(origin: string, value: V): void {
    if (this.#map.size >= this.#enough) this.#sweep();
    this.#map.set(origin, value);
  }

  keys(): IterableIterator<string> {
    return this.#map.keys();
  }

  values(): IterableIterator<V> {
    return this.#map.values();
  }

  /** So seldom that it costs each entry next to nothing. */
  #sweep(): void {
    for (const [origin, value] of this.#map) if (this.#idle(value)) this.#map.delete(origin);
    this.#enough = Math.max(FEW, this.#map.size * 2);
  }
}
