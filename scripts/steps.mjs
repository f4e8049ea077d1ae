import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";

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
    env: { ...process.env, PATH: `node_modules/.bin:${process.env["PATH"]}` },
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
    process.stdout.write(chunk);
  });
  const code = await new Promise((resolve) => {
    child.on("error", (error) => {
      console.error(error.message);
      resolve(127);
    });
    child.on("close", resolve);
  });
  return { name, ok: code === 0, seconds: (performance.now() - start) / 1000, output };
}

/** One line a step: what it was, how it ended, how long it took. */
export function summarise(steps) {
  console.log("");
  for (const { name, ok, seconds } of steps) {
    console.log(`${ok ? "ok    " : "FAILED"}  ${name.padEnd(28)} ${seconds.toFixed(1).padStart(6)} s`);
  }
}
