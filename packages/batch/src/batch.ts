import { type Coroutine, coroutine } from "tsyncio";
import type { InputSource } from "./input/open-input.ts";
import type { BatchOptions } from "./run/batch-options.ts";
import { type BatchPlan, planOf } from "./run/batch-plan.ts";
import type { BatchReport } from "./run/batch-report.ts";
import { BatchRun } from "./run/batch-run.ts";

/**
 * Sends a request for every item of an input, as fast as the API permits it, and records the result of each.
 *
 * - **Nothing is lost**: a result is recorded in the moment in which its answer is there. However a run ends, by `kill -9` too, the
 *   next one with the same input and output sends what has no result, and only that. A torn last line is mended.
 * - **Nothing is sent again that has a result**, failures included, unless `retryFailed` says so. What was in flight when the process
 *   died has none: it is sent again, see `idempotencyKey`.
 * - **Limits** in any dimensions hold together: what a request will cost is estimated, and corrected by its answer. Without any they are
 *   learnt from the answers. An answer "too many requests" (429, 529, 503 with `Retry-After`) is waited out.
 * - **Memory** does not depend on the input: items are read as there is room for them.
 * - A line of which no request can be made is reported, has no result, and does not hinder the others.
 *
 * **When cancelled**: what is in flight is closed on the wire, what was answered is recorded, and the output is closed. `signal`
 * instead waits for what is in flight.
 *
 * @throws {TypeError | RangeError} at the call for options that have no meaning.
 * @throws {BatchError} at the call for an input that is not there.
 * @throws {OutputLockedError} when another run writes the same output.
 * @throws {ResultsError} when the output holds something else than results.
 * @throws {BatchError} when the input cannot be read further, or results cannot be written (a full disk). What was recorded stays.
 * @throws what `onEvent` throws.
 * @example
 * ```ts fragment
 * const report = await batch("questions.jsonl", {
 *   preset: openAiChat({ model: "gpt-4.1-mini" }),
 *   limits: { requests: "5000/1m", tokens: "2000000/1m" },
 *   output: "answers.jsonl",
 * });
 * ```
 */
export function batch(input: InputSource, options: BatchOptions): Coroutine<BatchReport> {
  return running(planOf(input, options));
}

const running: (plan: BatchPlan) => Coroutine<BatchReport> = coroutine(function* batch(plan: BatchPlan) {
  try {
    return yield* new BatchRun(plan).run();
  } finally {
    if (plan.ownsClient) yield* plan.client.close();
  }
});
