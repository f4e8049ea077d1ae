// npm test: every suite, on the Node at hand. The last line counts what ran: `N passed, N failed, N skipped`.
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { findChromium } from "./chromium.mjs";
import { step, summarise } from "./steps.mjs";

const total = { passed: 0, failed: 0, skipped: 0 };
const steps = [];
/** What did not run, and why. */
const skips = [];

function count({ passed = 0, failed = 0, skipped = 0 }) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}

/** A step that leaves no totals counts as one failure, so that the last line never hides it. */
function note(result, totals) {
  steps.push(result);
  if (totals) count(totals);
  if (!result.ok && !totals?.failed) count({ failed: 1 });
}

async function vitest(name, options) {
  const report = new URL(`../temp/vitest-${name}.json`, import.meta.url);
  rmSync(report, { force: true });
  const result = await step(
    name,
    `vitest run ${options} --reporter=default --reporter=json --outputFile.json=${report.pathname}`,
  );
  note(result, totalsOf(report));
}

/** What a report of vitest's JSON reporter counts; a file that could not be loaded is one failure. Names what was skipped. */
function totalsOf(report) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
      readFileSync(report, "utf8"),
    );
    for (const { assertionResults } of testResults) {
      for (const { status, fullName } of assertionResults) {
        if (status !== "passed" && status !== "failed")
          skips.push(`${fullName} (not on ${process.platform}, Node ${process.version})`);
      }
    }
    const broken = testResults.filter(
      (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
    );
    return { passed: numPassedTests, failed: numFailedTests + broken.length, skipped: numPendingTests + numTodoTests };
  } catch {
    return undefined;
  }
}

async function conformance(name, options) {
  const result = await step(name, `node conformance/pairs/check.mjs ${options}`);
  const closing = /^(\d+) passed, (\d+) failed$/m.exec(result.output);
  note(result, closing ? { passed: Number(closing[1]), failed: Number(closing[2]) } : undefined);
}

mkdirSync(new URL("../temp", import.meta.url), { recursive: true });
const build = await step("build", "tsc -b");
note(build, undefined);
// The type tests (`expectTypeOf`) are among these: the compiler itself runs them.
note(await step("types", "tsc -b tsconfig.check.json"), undefined);
await vitest("suites", "");
if (build.ok) {
  await conformance("conformance, keywords", `--run "node packages/cli/bin/tsyncio.js run"`);
  await conformance("conformance, generators", `--twins generators --run "node conformance/pairs/run-generators.mjs"`);
}
if (findChromium()) {
  await vitest("chromium", "--config vitest.browser.config.ts");
} else {
  skips.push("the core's suite in Chromium (no Chromium here; Debian has it as the package chromium)");
  count({ skipped: 1 });
}

summarise(steps);
for (const skip of skips) console.log(`skipped: ${skip}`);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed || steps.some(({ ok }) => !ok) ? 1 : 0;
