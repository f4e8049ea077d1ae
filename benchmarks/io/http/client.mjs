// A client of one peer: node client.mjs <module> <origin>. Prints that it is ready; then, for each line with a number of workers
// and of requests for each, sends them and prints the nanoseconds of CPU that its main thread has used and those that have passed.
import { createInterface } from "node:readline";
import { threadCpu } from "../../thread-cpu.mjs";

const { connect } = await import(new URL(process.argv[2], import.meta.url).href);
/** Has so many workers send so many requests each, one after the other, and check that 1,024 bytes come. */
const batch = await connect(process.argv[3]);

console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const [workers, requests] = line.split(" ").map(Number);
  const begun = process.hrtime.bigint();
  const cpu = threadCpu();
  await batch(workers, requests);
  console.log(`${threadCpu() - cpu} ${process.hrtime.bigint() - begun}`);
}
