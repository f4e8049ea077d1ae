#!/usr/bin/env node
// Runs the TypeScript twins and compares what they print with the .out files.
//
//   node check.mjs --run "<command to run one .ts file>" [--twins <folder>] [pattern]
//
// The path of the twin is appended to the command, or put in place of {} where the command has one.
// --twins: a folder below this one whose .ts files are run instead, against the same .out files.
// pattern: a regular expression; only the cases whose name matches are run.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const AT_ONCE = 2;
const LIMIT_MS = 20_000;
const here = dirname(fileURLToPath(import.meta.url));

function usage(problem) {
  console.error(`${problem}\nusage: node check.mjs --run "<command to run one .ts file>" [--twins <folder>] [pattern]`);
  process.exit(2);
}

let command;
let twins = ".";
let pattern = "";
for (let args = process.argv.slice(2); args.length; ) {
  const arg = args.shift();
  if (arg === "--run") command = args.shift();
  else if (arg.startsWith("--run=")) command = arg.slice("--run=".length);
  else if (arg === "--twins") twins = args.shift() ?? usage("--twins names no folder");
  else if (arg.startsWith("-")) usage(`unknown option ${arg}`);
  else if (pattern) usage(`one pattern only, not ${arg} too`);
  else pattern = arg;
}
if (!command) usage("--run is missing");
const wanted = new RegExp(pattern);

const names = [...new Set(
  readdirSync(join(here, twins))
    .map((file) => /^(\d{2,3}-.+)\.(?:ts|py|out)$/.exec(file)?.[1])
    .filter((name) => name && wanted.test(name)),
)].sort();

const env = { ...process.env };
delete env.FORCE_COLOR; // numbers printed by console.log would be coloured

const quote = (text) => (process.platform === "win32" ? `"${text}"` : `'${text.replaceAll("'", "'\\''")}'`);
const running = new Set();

function end(child) {
  try {
    if (process.platform === "win32") child.kill("SIGKILL");
    else process.kill(-child.pid, "SIGKILL"); // the shell and what it started
  } catch {
    // it has ended already
  }
}

function execute(file) {
  return new Promise((resolve) => {
    const line = command.includes("{}") ? command.replaceAll("{}", () => quote(file)) : `${command} ${quote(file)}`;
    const child = spawn(line, { shell: true, detached: process.platform !== "win32", env, stdio: ["ignore", "pipe", "pipe"] });
    running.add(child);
    const out = [];
    const err = [];
    let timedOut = false;
    child.stdout.on("data", (chunk) => out.push(chunk));
    child.stderr.on("data", (chunk) => err.push(chunk));
    const timer = setTimeout(() => {
      timedOut = true;
      end(child);
    }, LIMIT_MS);
    const finish = (code, signal) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString(), code, signal, timedOut });
    };
    child.on("error", (error) => {
      err.push(Buffer.from(error.message));
      finish(null, null);
    });
    child.on("close", finish);
  });
}

const lines = (text) => text.replaceAll("\r\n", "\n").replace(/\n$/, "").split("\n");
const show = (line) => (line === undefined ? "nothing" : JSON.stringify(line));

function firstDifference(expected, actual) {
  const a = lines(expected);
  const b = actual === "" ? [] : lines(actual);
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    if (a[i] !== b[i]) return `line ${i + 1}: expected ${show(a[i])}, got ${show(b[i])}`;
  }
  return "";
}

async function check(name) {
  const twin = join(here, twins, `${name}.ts`);
  const truth = join(here, `${name}.out`);
  if (!existsSync(twin)) return "there is no .ts file";
  if (!existsSync(truth)) return "there is no .out file";
  const result = await execute(twin);
  const problems = [];
  if (result.timedOut) problems.push(`stopped after ${LIMIT_MS / 1000} s`);
  const difference = firstDifference(readFileSync(truth, "utf8"), result.out);
  if (difference) problems.push(difference);
  if (!result.timedOut && result.code !== 0) {
    problems.push(result.signal ? `ended by ${result.signal}` : `exit code ${result.code}`);
  }
  if (problems.length && result.err.trim()) {
    const said = result.err.trim().split("\n").map((l) => l.trim());
    problems.push(`stderr: ${(said.find((l) => /error/i.test(l)) ?? said[0]).slice(0, 200)}`);
  }
  return problems.join("; ");
}

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    for (const child of running) end(child);
    process.exit(130);
  });
}

let passed = 0;
let failed = 0;
const queue = [...names];
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let name = queue.shift(); name; name = queue.shift()) {
      const problem = await check(name);
      if (problem) {
        failed += 1;
        console.log(`FAIL ${name}: ${problem}`);
      } else {
        passed += 1;
      }
    }
  }),
);
if (!names.length) console.log(`no case matches ${JSON.stringify(pattern)}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed || !names.length ? 1 : 0;
