// Which ports of this machine somebody listens on: tsyncio run src/port-scan/main.ts [first-last] [address]
import { isIP } from "node:net";
import { run } from "tsyncio";
import { scan } from "./scan.ts";

const [range = "1-65535", address = "127.0.0.1"] = process.argv.slice(2);

async function main(): Promise<void> {
  const [first, last = first] = range.split("-").map(Number);
  if (!(Number.isInteger(first) && Number.isInteger(last) && first >= 1 && first <= last && last <= 65535))
    return fail(`expected ports such as 80 or 1-1024, received ${range}`);
  if (!isLoopback(address)) return fail(`${address} is not this machine: expected an address in 127.0.0.0/8, or ::1`);
  const start = performance.now();
  let open = 0;
  for await (const { port, banner } of scan(address, first, last)) {
    open++;
    console.log(`${String(port).padStart(5)}  open${banner === "" ? "" : `  ${banner}`}`);
  }
  console.log(`${open} open of ${last - first + 1} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

/** What belongs to others is theirs to scan. */
function isLoopback(text: string): boolean {
  return (isIP(text) === 4 && text.startsWith("127.")) || text === "::1";
}

function fail(problem: string): void {
  console.error(`Cannot scan: ${problem}`);
  process.exitCode = 2;
}

await run(main());
