import { availableParallelism } from "node:os";
import { createSubprocessExec } from "@tsyncio/node";
import { mapConcurrent } from "tsyncio";

/** Files that one grep looks through. */
const FILES = 200;

/**
 * The lines that match, as `path:number:line`, in the order in which `find` names the files. Leaving the loop ends every
 * child process.
 *
 * @throws when find or grep fail, with what they said.
 */
export async function* findGrep(pattern: string, folder: string, name: string): AsyncGenerator<string> {
  const results = mapConcurrent(files(folder, name), (batch) => grep(pattern, batch), {
    limit: availableParallelism(),
  });
  for await (const lines of results) yield* lines;
}

/** What find finds, in batches, as it finds it: the pipe holds find back while all greps are busy. */
async function* files(folder: string, name: string): AsyncGenerator<string[]> {
  await using find = await createSubprocessExec("find", [folder, "-type", "f", "-name", name, "-print0"], {
    stdout: "pipe",
  });
  let batch: string[] = [];
  for (let rest = ""; ;) {
    const bytes = await find.stdout.read(65_536);
    const paths = (rest + bytes.toString("latin1")).split("\0");
    rest = paths.pop()!;
    for (const path of paths) {
      if (batch.push(path) < FILES) continue;
      yield batch;
      batch = [];
    }
    if (bytes.length === 0) break;
  }
  if (batch.length > 0) yield batch;
  if ((await find.wait()) !== 0) throw new Error(`find failed with exit code ${find.returncode}`);
}

async function grep(pattern: string, paths: readonly string[]): Promise<string[]> {
  const names = paths.map((path) => Buffer.from(path, "latin1").toString());
  await using child = await createSubprocessExec("grep", ["-HnIE", "-e", pattern, "--", ...names], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await child.communicate();
  // 1: no line matched.
  if (child.returncode !== 0 && child.returncode !== 1) throw new Error(`grep failed: ${String(stderr).trim()}`);
  return String(stdout).split("\n").slice(0, -1);
}
