/** A clock that stands still until a timer is due, and then shows exactly that: a loop does the same on it every time. */
export class StillHost {
  /** The turns of the loop so far: those it asked for, and those in which a timer woke it. */
  turns = 0;
  #time = 0;

  now() {
    return this.#time;
  }

  schedule(turn) {
    setImmediate(() => {
      this.turns++;
      turn();
    });
  }

  setTimer(at, fn) {
    const timer = setImmediate(() => {
      this.turns++;
      this.#time = Math.max(this.#time, at);
      fn();
    });
    return { cancel: () => clearImmediate(timer) };
  }

  hold() {
    return () => {};
  }
}
