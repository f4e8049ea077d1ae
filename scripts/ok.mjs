// npm run ok: what must hold before a change is handed in. The last line counts as npm test's does, each check as one more.
import { step, summarise } from "./steps.mjs";

const CHECKS = [
  ["lock file", "npm ci --dry-run --ignore-scripts --silent"],
  ["build", "tsc -b"],
  ["format", "oxfmt --check"],
  ["lint", "oxlint --deny-warnings"],
  ["API report", "node scripts/api-report.mjs --check"],
  ["packages", "node scripts/check-packages.mjs"],
  ["unused code", "knip"],
  ["size", "size-limit"],
  ["counts", "node benchmarks/guard/guard.mjs"],
  ["tests", "node scripts/test.mjs"],
];

const steps = [];
for (const [name, command] of CHECKS) steps.push(await step(name, command));
summarise(steps);

const closing = /^(\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(steps.at(-1).output) ?? [
  "",
  0,
  steps.at(-1).ok ? 0 : 1,
  0,
];
const checks = steps.slice(0, -1);
const good = checks.filter(({ ok }) => ok).length;
console.log(
  `\n${Number(closing[1]) + good} passed, ${Number(closing[2]) + checks.length - good} failed, ${closing[3]} skipped`,
);
process.exitCode = steps.every(({ ok }) => ok) ? 0 : 1;
