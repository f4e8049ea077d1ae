// find | grep, with as many greps at a time as there are processors: tsyncio run src/find-grep/main.ts <pattern> [folder] [name]
import { run } from "tsyncio";
import { findGrep } from "./find-grep.ts";

const [pattern, folder = ".", name = "*"] = process.argv.slice(2);

async function main(): Promise<void> {
  if (pattern === undefined) {
    console.error("usage: find-grep <pattern> [folder] [name]");
    process.exitCode = 2;
    return;
  }
  let found = 0;
  for await (const line of findGrep(pattern, folder, name)) {
    found++;
    console.log(line);
  }
  // As grep: 1 when there is nothing.
  process.exitCode = found > 0 ? 0 : 1;
}

await run(main());
