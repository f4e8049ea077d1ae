#!/usr/bin/env node
// Holds ledger.tsv against the tests that ran:
//
//   node conformance/ledger.mjs <report of vitest's JSON reporter> [--write]
//
// One line per test of CPython 3.13's test_asyncio: its id, a status, the name of our test, a reason. Tab-separated.
//   covered         our test pins the same behaviour
//   differs         our test pins what tsyncio does instead; the reason says why
//   not applicable  the reason says why
//   open            not there yet; the reason says what it waits for
// --write enters the tests that ran: it turns `open` into `covered` and brings names up to date.
import { readFileSync, writeFileSync } from "node:fs";

const CPYTHON_TESTS = 1267;
const STATUSES = ["covered", "differs", "not applicable", "open"];
const HEADER = "id\tstatus\ttest\treason";
const ID = /^(test_\w+\.py::\w+\.\w+): ./;
const file = new URL("ledger.tsv", import.meta.url);

/** @returns {{ id: string, status: string, test: string, reason: string }[]} */
function readLedger() {
  const [header, ...lines] = readFileSync(file, "utf8").trimEnd().split("\n");
  if (header !== HEADER) throw new Error(`Cannot read ledger.tsv: its first line must be ${JSON.stringify(HEADER)}`);
  return lines.map((line, index) => {
    const fields = line.split("\t");
    if (fields.length !== 4)
      throw new Error(`Cannot read ledger.tsv: line ${index + 2} has ${fields.length} fields, 4 expected`);
    const [id, status, test, reason] = fields;
    return { id, status, test, reason };
  });
}

/**
 * The tests of a report that are named by a CPython id: id → its names, and whether none failed. What a test skips, for want of
 * IPv6 say, `npm test` names in its summary.
 */
function readReport(path) {
  const found = new Map();
  for (const { assertionResults } of JSON.parse(readFileSync(path, "utf8")).testResults) {
    for (const { fullName, status } of assertionResults) {
      const id = ID.exec(fullName)?.[1];
      if (id === undefined) continue;
      const tests = found.get(id) ?? { names: [], passed: true };
      tests.names.push(fullName);
      tests.passed &&= status === "passed" || status === "skipped";
      found.set(id, tests);
    }
  }
  return found;
}

/** What is wrong with the ledger, a line each. */
function* faults(ledger, ran) {
  if (ledger.length !== CPYTHON_TESTS) yield `the ledger has ${ledger.length} lines, CPython ${CPYTHON_TESTS} tests`;
  const ids = new Set();
  for (const { id, status, test, reason } of ledger) {
    if (ids.has(id)) yield `${id}: stands there twice`;
    ids.add(id);
    if (!STATUSES.includes(status)) yield `${id}: unknown status ${JSON.stringify(status)}`;
    if (status !== "covered" && reason === "") yield `${id}: ${status} without a reason`;
    if (status === "covered" && reason !== "") yield `${id}: covered needs no reason`;
    const tests = ran.get(id);
    if (status === "covered" || status === "differs") {
      if (tests === undefined) yield `${id}: no test of this name ran`;
      else if (!tests.passed) yield `${id}: its test did not pass`;
      else if (!tests.names.includes(test)) yield `${id}: the test is called ${JSON.stringify(tests.names[0])}`;
    } else if (tests !== undefined) yield `${id}: ${status}, but a test ran: ${JSON.stringify(tests.names[0])}`;
    else if (test !== "") yield `${id}: ${status} names a test`;
  }
  for (const id of ran.keys()) if (!ids.has(id)) yield `${id}: no line, but a test ran`;
}

/** Enters what ran; a status that somebody has decided on stays. */
function update(ledger, ran) {
  for (const line of ledger) {
    const tests = ran.get(line.id);
    if (tests === undefined) continue;
    if (line.status === "open") Object.assign(line, { status: "covered", reason: "" });
    if (line.status !== "not applicable" && !tests.names.includes(line.test)) line.test = tests.names[0];
  }
  const lines = ledger.map(({ id, status, test, reason }) => [id, status, test, reason].join("\t"));
  writeFileSync(file, `${[HEADER, ...lines].join("\n")}\n`);
}

/** A line per CPython file and one for all: how many of each status. */
function totals(ledger) {
  const counts = new Map();
  const count = (name, status) => {
    const row = counts.get(name) ?? new Map();
    counts.set(name, row.set(status, (row.get(status) ?? 0) + 1));
  };
  for (const { id, status } of ledger) count(id.split("::")[0], status);
  for (const { status } of ledger) count("all", status);
  const line = (name, cells) => name.padEnd(28) + cells.map((cell) => String(cell).padStart(16)).join("");
  return [
    line("", STATUSES),
    ...[...counts].map(([name, row]) =>
      line(
        name,
        STATUSES.map((s) => row.get(s) ?? ""),
      ),
    ),
  ];
}

const [report, flag] = process.argv.slice(2);
if (report === undefined || (flag !== undefined && flag !== "--write")) {
  console.error("usage: node conformance/ledger.mjs <vitest-report.json> [--write]");
  process.exit(2);
}
const ledger = readLedger();
const ran = readReport(report);
if (flag === "--write") update(ledger, ran);
const found = [...faults(ledger, ran)];
console.log(totals(ledger).join("\n"));
for (const fault of found) console.log(`FAIL ${fault}`);
console.log(found.length > 0 ? `${found.length} faults in the ledger` : "the ledger agrees with the tests that ran");
process.exitCode = found.length > 0 ? 1 : 0;
