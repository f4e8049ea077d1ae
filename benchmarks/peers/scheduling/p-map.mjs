import pMap from "p-map";
import { checkResults } from "../../scheduling/expected.mjs";

export const start = (promise) => promise;

const inputs = (length) => Array.from({ length }, (_, n) => n);

async function fanOutOver(jobs, job) {
  return checkResults(await pMap(inputs(jobs), job, { concurrency: 50 }), jobs);
}

export const fanOut = (jobs) => fanOutOver(jobs, async (n) => n);

export function fanOutGivingWay(jobs) {
  return fanOutOver(jobs, async (n) => {
    await Promise.resolve();
    return n;
  });
}
