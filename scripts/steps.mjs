import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";

/** A step that hangs must not take the others' results with it. */
const LIMIT_MINUTES = 30;

/**
 * Runs one command of a script in the repository's root, its output passed through, and notes how it ended.
 *
 * @param {string} name how the summary calls it
 * @param {string} command program and arguments, read by the shell
 * @returns {Promise<{ name: string, ok: boolean, seconds: number, output: string }>} `output`: what it wrote to stdout
 */
export async function step(name, command) {
  console.log(`\n── ${name}: ${command}`);
  const start = performance.now();
  const child = spawn(command, {
    shell: true,
    cwd: new URL("..", import.meta.url),
    stdio: ["ignore", "pipe", "inherit"],
    // A group of its own, so that everything that it has started can be ended with it.
    detached: true,
    env: { ...process.env, PATH: `node_modules/.bin:${process.env["PATH"]}` },
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
    process.stdout.write(chunk);
  });
  const end = () => process.kill(-child.pid, "SIGTERM");
  const tooLong = () => {
    console.error(`Cannot finish ${name}: it took longer than ${LIMIT_MINUTES} minutes`);
    end();
  };
  const interrupted = () => {
    end();
    process.exit(130);
  };
  const timer = setTimeout(tooLong, LIMIT_MINUTES * 60_000);
  process.once("SIGINT", interrupted);
  const code = await new Promise((resolve) => {
    child.on("error", (error) => {
      console.error(error.message);
      resolve(127);
    });
    child.on("close", resolve);
  });
  clearTimeout(timer);
  process.off("SIGINT", interrupted);
  return { name, ok: code === 0, seconds: (performance.now() - start) / 1000, output };
}

/** One line a step: what it was, how it ended, how long it took. */
export function summarise(steps) {
  console.log("");
  for (const { name, ok, seconds } of steps) {
    console.log(`${ok ? "ok    " : "FAILED"}  ${name.padEnd(28)} ${seconds.toFixed(1).padStart(6)} s`);
  }
}
