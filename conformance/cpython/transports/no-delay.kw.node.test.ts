import { createConnection, createServer } from "@tsyncio/node";
import { Socket } from "node:net";
import { sleep } from "tsyncio";
import { expect, test, vi } from "vitest";
import { nodeProgram } from "../../node-program.ts";
import { Recorder } from "./recorder.ts";

test("test_base_events.py::TestSelectorUtils.test_set_nodelay: small writes are sent at once, at both ends: Nagle's algorithm is off", async () => {
  const asked = vi.spyOn(Socket.prototype, "setNoDelay");
  try {
    await nodeProgram(async () => {
      const accepted: Recorder[] = [];
      const factory = () => {
        const recorder = new Recorder();
        accepted.push(recorder);
        return recorder;
      };
      await using server = await createServer(factory, "127.0.0.1", 0);
      const [transport] = await createConnection(() => new Recorder(), "127.0.0.1", server.sockets[0].port);
      while (accepted[0]?.transport === undefined) await sleep(1);
      const sockets = [transport, accepted[0].transport].map((one) => one.getExtraInfo("socket"));
      for (const socket of sockets)
        expect(asked.mock.calls.filter((_, call) => asked.mock.contexts[call] === socket)).toEqual([[true]]);
      transport.close();
    });
  } finally {
    asked.mockRestore();
  }
});
