/** Objects of which something is to be said unless somebody comes for them: when they are collected, or when it is time. */
export class Unclaimed<T extends object, Note> {
  readonly #notes = new Map<WeakRef<T>, Note>();
  readonly #refs = new WeakMap<T, WeakRef<T>>();
  readonly #collected: FinalizationRegistry<WeakRef<T>>;
  readonly #tell: (note: Note, object: T | undefined) => void;

  /** @param tell is given the note, and the object as long as it is there. */
  constructor(tell: (note: Note, object: T | undefined) => void) {
    this.#tell = tell;
    this.#collected = new FinalizationRegistry((ref) => {
      const note = this.#notes.get(ref);
      if (this.#notes.delete(ref)) tell(note as Note, undefined);
    });
  }

  /** The note must not hold the object. */
  add(object: T, note: Note): WeakRef<T> {
    const ref = new WeakRef(object);
    this.#refs.set(object, ref);
    this.#notes.set(ref, note);
    this.#collected.register(object, ref, ref);
    return ref;
  }

  /** Somebody has come for it: nothing is said. */
  claim(object: T): void {
    const ref = this.#refs.get(object);
    if (ref !== undefined && this.#notes.delete(ref)) this.#collected.unregister(ref);
  }

  /** It is time for those whose note is `due`. */
  tellAll(due: (note: Note) => boolean): void {
    for (const [ref, note] of this.#notes) {
      if (!due(note)) continue;
      this.#notes.delete(ref);
      this.#tell(note, ref.deref());
    }
  }
}
