import type { BatchEvent, BatchProgress, LimitProgress } from "@tsyncio/batch";
import cliProgress, { type MultiBar, type SingleBar } from "cli-progress";
import { colorsFor } from "../errors/colors.ts";
import type { Display } from "./batch-command.ts";
import { Notices } from "./notices.ts";
import { count, doneOf, pace, reportText, span, startText } from "./progress-text.ts";

/** Of a bar; and of what stands beside it, at most. */
const WIDEST = 24;
const NARROWEST = 8;
const BESIDE = 66;
/** Of a line: there was a bar. */
const ERASE_REST = "\u001B[K";

/** Progress as bars that stay at the bottom of a terminal: of the items, and of each limit. */
export function terminalProgress(stream: NodeJS.WriteStream, interval: number): Display {
  const bars = new Bars(stream);
  const notices = new Notices();
  let output = "";
  const show = (event: BatchEvent): void => {
    const notice = notices.of(event);
    if (notice !== null) bars.log(notice);
    if (event.type === "start") {
      output = event.output;
      for (const line of startText(event)) bars.log(line);
    } else if (event.type === "progress") bars.update(event);
    else if (event.type === "stopping")
      bars.log(`Stopping: ${event.reason}; waiting for what is in flight (Ctrl-C: at once)`);
    else if (event.type === "end") {
      bars.close();
      for (const line of reportText(event, output)) stream.write(`${line}\n`);
    }
  };
  return { show, interval, close: () => bars.close() };
}

type Payload = { readonly text: string };

class Bars {
  readonly #stream: NodeJS.WriteStream;
  #multi: MultiBar | null = null;
  readonly #bars: Map<string, SingleBar> = new Map();
  #closed = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** A line above the bars. */
  log(line: string): void {
    if (this.#multi === null) return void this.#stream.write(`${line}\n`);
    // Beside bars a terminal cuts what is too long.
    for (let at = 0; at < line.length; at += this.#columns)
      this.#multi.log(`${line.slice(at, at + this.#columns)}${ERASE_REST}\n`);
  }

  get #columns(): number {
    return Math.max(40, (this.#stream.columns || 80) - 1);
  }

  update(progress: BatchProgress): void {
    if (this.#closed) return;
    const { done, total, limits } = progress;
    this.#show("items", total === null ? 0 : done, total, itemsText(progress));
    for (const limit of limits) this.#show(limit.name, limit.used, limit.permitted, limitText(limit, progress));
  }

  #show(name: string, value: number, total: number | null, text: string): void {
    const bar = this.#bar(name);
    bar.setTotal(total ?? 0);
    bar.update(Math.min(value, total ?? 0), { text } satisfies Payload);
  }

  #bar(name: string): SingleBar {
    let bar = this.#bars.get(name);
    if (bar !== undefined) return bar;
    const { dim, cyan } = colorsFor(this.#stream);
    const barsize = Math.max(NARROWEST, Math.min(WIDEST, this.#columns - BESIDE));
    this.#multi ??= new cliProgress.MultiBar(
      { stream: this.#stream, hideCursor: true, gracefulExit: false, fps: 8, barsize, emptyOnZero: true },
      cliProgress.Presets.shades_classic,
    );
    const format = (options: cliProgress.Options, params: cliProgress.Params, payload: Payload): string => {
      const drawn = cliProgress.Format.BarFormat(params.total === 0 ? 0 : params.progress, options);
      const line = params.total === 0 ? dim(drawn) : cyan(drawn);
      return `${name.padEnd(8)} ${line} ${payload.text}`;
    };
    bar = this.#multi.create(0, 0, { text: "" }, { format } as cliProgress.Options);
    this.#bars.set(name, bar);
    return bar;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // Lines that it has kept for its next drawing.
    this.#multi?.update();
    this.#multi?.stop();
  }
}

function itemsText(progress: BatchProgress): string {
  const { failed, rate, timeLeft } = progress;
  const parts = [doneOf(progress), pace(rate)];
  if (timeLeft !== null) parts.push(`${span(timeLeft)} left`);
  if (failed > 0) parts.push(`${count(failed)} failed`);
  return parts.join(", ");
}

function limitText({ name, used, permitted }: LimitProgress, progress: BatchProgress): string {
  const { inFlight, waiting, pausedFor } = progress;
  const parts = [`${permitted === null ? count(used) : `${count(used)} of ${count(permitted)}`} a minute`];
  if (name !== "requests") return parts.join(", ");
  parts.push(`${count(inFlight)} in flight`);
  if (waiting > 0) parts.push(`${count(waiting)} waiting`);
  if (pausedFor > 0) parts.push(`paused for ${span(pausedFor)}`);
  return parts.join(", ");
}
