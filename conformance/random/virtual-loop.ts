import { type EventLoop, type HostTimer, newEventLoop } from "tsyncio";
import { VirtualHost } from "../../test/virtual-host.ts";

const MOST_ITERATIONS = 2000;
const MOST_TICKS = 40;

/** Virtual time that notices when a program cannot go on, or does not come to its end. */
class ProgramHost extends VirtualHost {
  #loop: VirtualLoop | null = null;
  #turns = 0;
  #stranded: (() => void) | null = null;

  /** @param loop the loop that it is the host of. */
  serve(loop: VirtualLoop): void {
    this.#loop = loop;
  }

  override now(): number {
    this.#loop?.checkEnd();
    return super.now();
  }

  override schedule(turn: () => void): void {
    this.#turns++;
    setImmediate(() => {
      this.#turns--;
      turn();
      // What ended with this turn goes on in promises.
      if (this.#turns === 0) setImmediate(() => void (this.#turns === 0 && this.#stranded?.()));
    });
  }

  override setTimer(at: number, fn: () => void): HostTimer {
    return super.setTimer(at, () => {
      this.#loop!.beginTicks();
      fn();
    });
  }

  override hold(stranded: () => void): () => void {
    this.#stranded = stranded;
    return () => void (this.#stranded = null);
  }
}

/** A loop in virtual time. */
export class VirtualLoop {
  readonly loop: EventLoop;
  /** The failures that nobody read. */
  readonly lost: string[] = [];
  /** How many iterations there were since the time advanced. */
  ticks = 0;
  /** How often it had to be stopped. */
  stops = 0;

  constructor() {
    const host = new ProgramHost();
    this.loop = newEventLoop({ host });
    host.serve(this);
    const { loop, lost } = this;
    const tell = loop.callExceptionHandler.bind(loop);
    loop.callExceptionHandler = (context) => {
      if (!context.message.includes("never retrieved")) return tell(context);
      const { name, message } = context.exception as Error;
      lost.push(`lost ${name === "Oops" ? message : name}`);
    };
  }

  /** From here on iterations are counted, by a callback in each: empty ones are nobody's business. */
  beginTicks(): void {
    this.ticks = 0;
    this.loop.callSoon(this.#tick);
  }

  /** Stops a program that does not come to its end. The host's clock asks for it: the loop reads it now and then. */
  checkEnd(): void {
    if (this.loop.statistics().iterations < MOST_ITERATIONS * (this.stops + 1)) return;
    this.stops++;
    this.loop.stop();
  }

  readonly #tick = (): void => {
    if (++this.ticks < MOST_TICKS) this.loop.callSoon(this.#tick);
  };
}
