import { CancelledError, Queue, sleep, taskGroup } from "tsyncio";
import type { Store } from "../store/store.ts";
import type { Fetcher } from "./fetcher.ts";
import type { Job, Outcome } from "./job.ts";
import type { Tally } from "./tally.ts";

/** Outcomes are written together that arrive within so many milliseconds of each other. */
const BATCH_TIME = 40;
/** So many may wait to be written; then jobs wait. */
const MOST_WAITING = 1_000;

/**
 * Works the jobs off, and the jobs that they lead to: a task for each, all at once. How many of them ask a server at a
 * time is the fetcher's affair.
 *
 * When cancelled: the requests under way are given up, and what has arrived by then is stored.
 */
export async function collect(jobs: readonly Job[], fetcher: Fetcher, store: Store, tally: Tally): Promise<void> {
  const outcomes = new Queue<Outcome>(MOST_WAITING);
  await taskGroup(async (group) => {
    let open = 0;
    const start = (jobs: readonly Job[]) => {
      open += jobs.length;
      for (const job of jobs) group.createTask(work(job, fetcher, outcomes, tally), { name: job.url });
    };
    start(jobs);
    const batch: Outcome[] = [];
    try {
      while (open > 0) {
        batch.push(await outcomes.get());
        await sleep(BATCH_TIME);
        batch.push(...drain(outcomes));
        open -= batch.length;
        start(write(batch.splice(0), store, tally));
      }
    } catch (error) {
      if (error instanceof CancelledError) write([...batch, ...drain(outcomes)], store, tally);
      throw error;
    }
  });
}

async function work(job: Job, fetcher: Fetcher, outcomes: Queue<Outcome>, tally: Tally): Promise<void> {
  using _running = tally.running.enter();
  await outcomes.put(await fetcher.fetch(job));
}

/** Stores outcomes and gives the jobs that they lead to. */
function write(outcomes: readonly Outcome[], store: Store, tally: Tally): Job[] {
  const found = store.record(outcomes);
  for (const { job, reading, failure } of outcomes) {
    tally.jobs += 1;
    if (failure !== undefined) tally.failed += 1;
    tally.addRecords(job.source, reading.records.length);
  }
  return found;
}

function drain(outcomes: Queue<Outcome>): Outcome[] {
  const batch: Outcome[] = [];
  while (!outcomes.empty()) batch.push(outcomes.getNowait());
  return batch;
}
