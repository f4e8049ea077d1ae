import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { step, summarise } from "./steps.mjs";

const hasIpv6 = () =>
  Object.values(networkInterfaces())
    .flat()
    .some((one) => one?.address === "::1");

const PAIRS = "node conformance/pairs/check.mjs";

/** Steps that count tests, and what they counted: `npm test` and `npm run conformance` are lists of them. */
export class Tally {
  #total = { passed: 0, failed: 0, skipped: 0 };
  #steps = [];
  /** What did not run, and why. */
  #skips = [];
  /** The tests that failed, each with its error. */
  #failures = [];

  constructor() {
    mkdirSync(new URL("../temp", import.meta.url), { recursive: true });
  }

  /** A command that counts nothing: it holds or it fails. */
  async check(name, command) {
    return this.#note(await step(name, command), undefined);
  }

  /** Suites of vitest. Gives the path of their report. */
  async vitest(name, options = "") {
    const report = fileURLToPath(new URL(`../temp/vitest-${name}.json`, import.meta.url));
    rmSync(report, { force: true });
    const result = await step(
      name,
      `vitest run ${options} --reporter=default --reporter=json --outputFile.json=${report}`,
    );
    this.#note(result, this.#totalsOf(report));
    return report;
  }

  /** The ledger of CPython's tests, held against the report of the suites that ran. */
  async ledger(report) {
    await this.check("ledger", `node conformance/ledger.mjs ${report}`);
  }

  /** The pairs of programs, in both spellings. They run what was built. */
  async pairs() {
    await this.#pairs("pairs, keywords", `--run "node packages/cli/bin/tsyncio.js run"`);
    await this.#pairs("pairs, generators", `--twins generators --run "node conformance/pairs/run-generators.mjs"`);
  }

  async #pairs(name, options) {
    const result = await step(name, `${PAIRS} ${options}`);
    const closing = /^(\d+) passed, (\d+) failed$/m.exec(result.output);
    this.#note(result, closing ? { passed: Number(closing[1]), failed: Number(closing[2]) } : undefined);
  }

  skip(why) {
    this.#skips.push(why);
    this.#total.skipped++;
  }

  /** Prints a line per step, what failed, what was skipped, and `N passed, N failed, N skipped`; sets the exit code. */
  close() {
    summarise(this.#steps);
    for (const failure of this.#failures) console.log(`FAILED: ${failure}`);
    for (const skip of this.#skips) console.log(`skipped: ${skip}`);
    const { passed, failed, skipped } = this.#total;
    console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
    process.exitCode = failed > 0 || this.#steps.some(({ ok }) => !ok) ? 1 : 0;
  }

  /** A step that leaves no totals counts as one failure, so that the last line never hides it. */
  #note(result, totals) {
    this.#steps.push(result);
    for (const [kind, count] of Object.entries(totals ?? {})) this.#total[kind] += count;
    if (!result.ok && !totals?.failed) this.#total.failed++;
    return result.ok;
  }

  /** What a report of vitest's JSON reporter counts; a file that could not be loaded is one failure. Names what failed and what was skipped. */
  #totalsOf(report) {
    try {
      const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
        readFileSync(report, "utf8"),
      );
      for (const { name, assertionResults } of testResults) {
        for (const { status, fullName, failureMessages } of assertionResults) {
          if (status === "failed")
            this.#failures.push([`${fullName} (${relative(".", name)})`, ...failureMessages].join("\n"));
          else if (status !== "passed")
            this.#skips.push(
              `${fullName} (this machine: ${process.platform}, Node ${process.version}, ${hasIpv6() ? "IPv6" : "no IPv6"})`,
            );
        }
      }
      const broken = testResults.filter(
        (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
      );
      for (const { name, message } of broken) this.#failures.push(`${relative(".", name)}\n${message}`);
      return {
        passed: numPassedTests,
        failed: numFailedTests + broken.length,
        skipped: numPendingTests + numTodoTests,
      };
    } catch {
      return undefined;
    }
  }
}
