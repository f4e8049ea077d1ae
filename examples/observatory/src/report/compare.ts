import { mapConcurrent } from "tsyncio";
import type { Fetcher } from "../collect/fetcher.ts";
import type { Job } from "../collect/job.ts";

/** The same jobs, one after another and all at once. */
export interface Comparison {
  readonly jobs: number;
  /** Milliseconds for all of them, one after another. */
  readonly sequential: number;
  /** Milliseconds for all of them at once. */
  readonly atOnce: number;
  /** Milliseconds a job takes one after another, and the standard error of that mean. */
  readonly mean: number;
  readonly error: number;
}

/** Fetches a sample again, by the same code as before; only how many at a time differs. Nothing is stored. */
export async function compare(sample: readonly Job[], fetcher: Fetcher): Promise<Comparison> {
  const times = await fetchAll(sample, fetcher, 1);
  const begun = performance.now();
  await fetchAll(sample, fetcher, sample.length);
  const atOnce = performance.now() - begun;
  const sequential = times.reduce((sum, time) => sum + time, 0);
  const mean = sequential / times.length;
  const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / Math.max(1, times.length - 1);
  return { jobs: times.length, sequential, atOnce, mean, error: Math.sqrt(variance / times.length) };
}

/** Some of the jobs, evenly spread. */
export function sampleOf<T>(jobs: readonly T[], size: number): T[] {
  const count = Math.min(size, jobs.length);
  return Array.from({ length: count }, (_, index) => jobs[Math.floor(((index + 0.5) * jobs.length) / count)]!);
}

/** Gives how many milliseconds each job took. */
async function fetchAll(jobs: readonly Job[], fetcher: Fetcher, limit: number): Promise<number[]> {
  const times: number[] = [];
  for await (const time of mapConcurrent(jobs, (job) => timed(job, fetcher), { limit })) times.push(time);
  return times;
}

async function timed(job: Job, fetcher: Fetcher): Promise<number> {
  const begun = performance.now();
  await fetcher.get(job.url, () => true);
  return performance.now() - begun;
}
