import type { TimerHandle } from "tsyncio";
import { ALLOW_ALL, type RobotsRules } from "../robots/robots-rules.ts";
import type { WaitingUrl } from "../store/crawl-store.ts";
import type { HostPace } from "./host-pace.ts";

/** So many addresses of a host are kept in memory; the others are in the store only. */
const IN_MEMORY = 256;

type Load = (host: number, limit: number) => WaitingUrl[];

/**
 * The addresses of a host that wait, the highest priority first, then as they were found; and what is known of the host.
 *
 * | state | entered by | what may be taken |
 * |---|---|---|
 * | new | its first address | the host itself, to be opened: its robots.txt is to be read |
 * | opening | that was taken | nothing |
 * | open | `open()` | addresses, as its pace allows |
 */
export class HostQueue {
  readonly id: number;
  readonly origin: string;
  readonly pace: HostPace;
  readonly #load: Load;
  state: "new" | "opening" | "open" = "new";
  rules: RobotsRules = ALLOW_ALL;
  /** Set while it waits for its time. */
  timer: TimerHandle | null = null;
  /** Of its newest ticket: earlier ones are void. Null when it has none. */
  ticket: number | null = null;
  ticketPriority = 0;
  /** In order. What is before `#first` is taken. */
  #buffer: WaitingUrl[] = [];
  #first = 0;
  /** How many wait in the store only; all of them come after those in the buffer. */
  #stored: number;
  readonly #taken = new Set<number>();

  constructor(id: number, origin: string, pace: HostPace, load: Load, stored: number) {
    this.id = id;
    this.origin = origin;
    this.pace = pace;
    this.#load = load;
    this.#stored = stored;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#buffer.length - this.#first + this.#stored;
  }

  /** How many are taken and not given back. */
  get inFlight(): number {
    return this.#taken.size;
  }

  /** The priority of the next one. */
  get priority(): number {
    this.#fill();
    return this.#buffer[this.#first]?.priority ?? -Infinity;
  }

  add(page: WaitingUrl): void {
    const buffer = this.#buffer;
    const empty = this.#first === buffer.length;
    if (this.#stored > 0 && (empty || !before(page, buffer.at(-1)!))) {
      this.#stored++;
      return;
    }
    let at = buffer.length;
    while (at > this.#first && before(page, buffer[at - 1]!)) at--;
    if (at === buffer.length) buffer.push(page);
    else buffer.splice(at, 0, page);
    if (buffer.length - this.#first <= IN_MEMORY) return;
    buffer.pop();
    this.#stored++;
  }

  /** Takes the next one; it is in flight until `giveBack()`. */
  take(): WaitingUrl {
    this.#fill();
    const page = this.#buffer[this.#first++]!;
    if (this.#first > IN_MEMORY) {
      this.#buffer = this.#buffer.slice(this.#first);
      this.#first = 0;
    }
    this.#taken.add(page.id);
    return page;
  }

  /** It is settled in the store, or waits there again (then it is to be added too). */
  giveBack(page: WaitingUrl): void {
    this.#taken.delete(page.id);
  }

  #fill(): void {
    if (this.#first < this.#buffer.length || this.#stored === 0) return;
    // Those in flight wait in the store too.
    const rows = this.#load(this.id, IN_MEMORY + this.#taken.size);
    this.#buffer = rows.filter(({ id }) => !this.#taken.has(id)).slice(0, Math.min(IN_MEMORY, this.#stored));
    this.#first = 0;
    this.#stored -= this.#buffer.length;
  }
}

function before(a: WaitingUrl, b: WaitingUrl): boolean {
  return a.priority !== b.priority ? a.priority > b.priority : a.id < b.id;
}
