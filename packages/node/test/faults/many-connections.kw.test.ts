import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { startProgram } from "../../../../test/started-program.ts";

vi.setConfig({ testTimeout: 120_000 });

const WANTED = 10_000;
/** Descriptors that a process needs besides. */
const OTHERS = 200;
/** Bytes for each connection, at most, with the task and the streams that serve it. A read buffer of 64 KiB would show. */
const EACH = 32_000;

/** As many as this machine lets a process open. */
function possible() {
  if (process.platform !== "linux") return 1000;
  const [, hard] = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  const most = hard === "unlimited" ? WANTED : Math.min(WANTED, Number(hard) - OTHERS);
  if (most < WANTED)
    console.log(`many connections: only ${most} of ${WANTED}, for the limit of descriptors is ${hard}`);
  return most;
}

interface Held {
  readonly open: number;
  readonly heap: number;
  readonly rss: number;
}

test("ten thousand connections are served while all are open, in little memory each, which is given back", async () => {
  const count = possible();
  const fixture = (name: string) => new URL(`../fixtures/${name}.ts`, import.meta.url);
  const server = startProgram(fixture("many-server"), []);
  const [port] = await server.printed(/\d+/);
  const clients = startProgram(fixture("many-clients"), [port, String(count)]);
  const { stdout, stderr, code } = await clients.ended;
  expect([code, stderr]).toEqual([0, ""]);
  expect(await server.ended).toMatchObject({ code: 0, stderr: "" });
  const result = JSON.parse(stdout) as { served: number[] } & Record<"before" | "during" | "after", Held>;
  const { served, before, during, after } = result;
  expect([served, during.open, after.open]).toEqual([[count, count], count + 1, 1]);
  expect((during.heap - before.heap) / count).toBeLessThan(EACH);
  expect((during.rss - before.rss) / count).toBeLessThan(EACH);
  expect((after.heap - before.heap) / count).toBeLessThan(500);
});
