import { type Coroutine, type EventLoop, Future, PriorityQueue, coroutine } from "tsyncio";
import type { CrawlStore, WaitingUrl } from "../store/crawl-store.ts";
import { HostPace, type PaceOptions, type PaceSample } from "./host-pace.ts";
import { HostQueue } from "./host-queue.ts";

/** What is to be done next: a page, or a host that is to be opened (`page` is null). */
export interface Job {
  readonly host: HostQueue;
  readonly page: WaitingUrl | null;
}

/** A place in the line of hosts that may start a request. It is void when its host has a newer one. */
interface Ticket {
  readonly host: HostQueue;
  readonly number: number;
  readonly priority: number;
}

/** How a frontier is doing. */
export interface FrontierStatistics {
  readonly waiting: number;
  readonly inFlight: number;
  readonly hosts: number;
}

const byPriorityThenTurn = (a: Ticket, b: Ticket): number => b.priority - a.priority || a.number - b.number;

/**
 * Which page comes next: of the hosts whose pace allows a request now, the one with the highest priority, and among equal ones
 * each in its turn, so that a large host does not keep the others waiting.
 */
export class Frontier {
  readonly #store: CrawlStore;
  readonly #pace: PaceOptions;
  readonly #loop: EventLoop;
  readonly #hosts = new Map<number, HostQueue>();
  readonly #line = new PriorityQueue<Ticket>(0, { compare: byPriorityThenTurn });
  /** Those that wait in `take()`. */
  readonly #idle = new Set<Future<void>>();
  #tickets = 0;
  #waiting = 0;
  #inFlight = 0;
  #stopped = false;

  /** Takes up what the store has waiting. */
  constructor(store: CrawlStore, pace: PaceOptions, loop: EventLoop) {
    this.#store = store;
    this.#pace = pace;
    this.#loop = loop;
    for (const { id, origin, waiting } of store.hosts()) {
      if (waiting === 0) continue;
      this.#waiting += waiting;
      this.#offer(this.#addHost(id, origin, waiting));
    }
  }

  /** Takes in addresses that the store has just been given. */
  add(pages: readonly WaitingUrl[]): void {
    for (const page of pages) {
      const host = this.#hosts.get(page.host) ?? this.#addHost(page.host, new URL(page.url).origin, 0);
      host.add(page);
      this.#waiting++;
      if (host.ticket === null || page.priority > host.ticketPriority) this.#offer(host);
    }
  }

  /**
   * Waits for something to do. Null when all is done, or when the frontier is stopped. What it gives is to be given back by
   * `release()`.
   *
   * **When cancelled**: nothing is taken.
   */
  take(): Coroutine<Job | null> {
    return taking(this);
  }

  /** @internal Undefined when there is nothing to do at the moment. */
  takeNowait(): Job | null | undefined {
    if (this.#stopped || this.#waiting + this.#inFlight === 0) return null;
    while (!this.#line.empty()) {
      const { host, number } = this.#line.getNowait();
      if (host.ticket !== number) continue;
      host.ticket = null;
      if (!this.#mayStart(host)) {
        this.#offer(host);
        continue;
      }
      this.#inFlight++;
      host.pace.started(this.#loop.time());
      if (host.state === "new") {
        host.state = "opening";
        return { host, page: null };
      }
      const page = host.take();
      this.#waiting--;
      this.#offer(host);
      return { host, page };
    }
    return undefined;
  }

  /** @internal */
  readonly idle: Set<Future<void>> = this.#idle;

  /** A job is over; `sample` says how its request went, null when it made none. */
  release({ host, page }: Job, sample: PaceSample | null): void {
    this.#inFlight--;
    if (page === null) host.state = "open";
    else host.giveBack(page);
    if (sample !== null) host.pace.ended(this.#loop.time(), sample);
    this.#offer(host);
    if (this.#waiting + this.#inFlight === 0) this.#wakeAll();
  }

  /** No more is given out: those that wait get null. */
  stop(): void {
    this.#stopped = true;
    this.#wakeAll();
  }

  /** Stops every timer. */
  close(): void {
    this.stop();
    for (const host of this.#hosts.values()) host.timer?.cancel();
  }

  statistics(): FrontierStatistics {
    return Object.freeze({ waiting: this.#waiting, inFlight: this.#inFlight, hosts: this.#hosts.size });
  }

  #addHost(id: number, origin: string, stored: number): HostQueue {
    const load = (host: number, limit: number): WaitingUrl[] => this.#store.waiting(host, limit);
    const host = new HostQueue(id, origin, new HostPace(this.#pace), load, stored);
    this.#hosts.set(id, host);
    return host;
  }

  /** It may have been slowed down since it got its place. */
  #mayStart(host: HostQueue): boolean {
    return host.inFlight < host.pace.limit && host.pace.readyAt <= this.#loop.time();
  }

  /** Gives the host a place in the line, as soon as it may start a request. */
  #offer(host: HostQueue): void {
    if (this.#stopped || host.waiting === 0 || host.state === "opening" || host.inFlight >= host.pace.limit) return;
    const { readyAt } = host.pace;
    if (readyAt > this.#loop.time()) {
      if (host.timer !== null && host.timer.when() >= readyAt) return;
      host.timer?.cancel();
      host.timer = this.#loop.callAt(readyAt, () => {
        host.timer = null;
        this.#offer(host);
      });
      return;
    }
    const { priority } = host;
    if (host.ticket !== null && priority <= host.ticketPriority) return;
    host.ticket = ++this.#tickets;
    host.ticketPriority = priority;
    this.#line.putNowait({ host, number: host.ticket, priority });
    this.wake();
  }

  /** @internal Has one of those that wait look again. */
  wake(): void {
    for (const one of this.#idle) {
      this.#idle.delete(one);
      if (one.done()) continue;
      one.setResult();
      return;
    }
  }

  #wakeAll(): void {
    while (this.#idle.size > 0) this.wake();
  }
}

const taking = coroutine(function* take(frontier: Frontier) {
  for (;;) {
    const job = frontier.takeNowait();
    if (job !== undefined) return job;
    const woken = new Future<void>();
    frontier.idle.add(woken);
    try {
      yield* woken;
    } catch (error) {
      frontier.idle.delete(woken);
      if (woken.done() && !woken.cancelled()) frontier.wake();
      throw error;
    }
  }
});
