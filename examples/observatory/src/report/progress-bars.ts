import { MultiBar, Presets, type SingleBar } from "cli-progress";
import type { Tally } from "../collect/tally.ts";
import { count } from "./figures.ts";
import { activity } from "./progress-lines.ts";
import type { ProgressView } from "./progress.ts";

/** A bar for each source, and what goes on below them: for terminals. */
export class ProgressBars implements ProgressView {
  readonly interval = 100;
  readonly #tally: Tally;
  readonly #bars: MultiBar;
  readonly #bySource: ReadonlyMap<string, SingleBar>;
  readonly #activity: SingleBar;

  constructor(tally: Tally, expected: ReadonlyMap<string, number>, stream: NodeJS.WritableStream) {
    this.#tally = tally;
    const width = Math.max(...[...expected.keys()].map((name) => name.length));
    this.#bars = new MultiBar(
      {
        stream,
        format: "  {name} {bar} {value}/{total}",
        formatValue: (value, _options, type) => (type === "value" || type === "total" ? count(value) : String(value)),
        barsize: 36,
        hideCursor: true,
        clearOnComplete: false,
        // Ctrl-C is the loop's affair: it cancels the main task, whose end stops this view.
        gracefulExit: false,
      },
      Presets.shades_classic,
    );
    this.#bySource = new Map(
      [...expected].map(([name, total]) => [name, this.#bars.create(total, 0, { name: name.padEnd(width) })]),
    );
    this.#activity = this.#bars.create(1, 0, { activity: "" }, { format: "  {activity}" });
    this.update();
  }

  update(): void {
    for (const [name, bar] of this.#bySource) bar.update(this.#tally.records.get(name) ?? 0);
    this.#activity.update(0, { activity: activity(this.#tally) });
    this.#bars.update();
  }

  stop(): void {
    this.update();
    this.#bars.stop();
  }
}
