import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { startProgram } from "../../../test/started-program.ts";

const scan = (...args: string[]) => startProgram(new URL("../src/port-scan/main.ts", import.meta.url), args).ended;

test("finds who listens, and what they say by themselves", async () => {
  const talking = createServer((socket) => socket.on("error", () => {}).end("220 ready\r\nmore\r\n")).listen(
    0,
    "127.0.0.1",
  );
  const silent = createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
  await Promise.all([once(talking, "listening"), once(silent, "listening")]);
  const [a, b] = [talking, silent].map((server) => (server.address() as AddressInfo).port);
  try {
    const { code, stdout, stderr } = await scan(`${Math.min(a, b)}-${Math.max(a, b)}`);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`${a}  open  220 ready\n`);
    expect(stdout).toContain(`${b}  open\n`);
    const closed = await scan("1-1");
    expect(closed.stdout).toMatch(/^0 open of 1 in \d+\.\d s\n$/);
  } finally {
    talking.close();
    silent.close();
  }
});

test("refuses what is no range, and what is not this machine", async () => {
  const results = await Promise.all([scan("0-10"), scan("http"), scan("1-10", "192.0.2.1")]);
  expect(results.map(({ code, stderr }) => [code, stderr])).toEqual([
    [2, "Cannot scan: expected ports such as 80 or 1-1024, received 0-10\n"],
    [2, "Cannot scan: expected ports such as 80 or 1-1024, received http\n"],
    [2, "Cannot scan: 192.0.2.1 is not this machine: expected an address in 127.0.0.0/8, or ::1\n"],
  ]);
});
