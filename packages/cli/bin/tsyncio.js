#!/usr/bin/env node
import { existsSync } from "node:fs";

const built = new URL("../dist/main.js", import.meta.url);
if (existsSync(built)) {
  const { main } = await import(built.href);
  // Not awaited: a program whose top-level await never ends is reported with its own name, not with this line.
  main(process.argv);
} else {
  console.error("Cannot start tsyncio: it has not been built; run: npm run build");
  process.exitCode = 1;
}
