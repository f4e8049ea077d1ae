import { spawn } from "node:child_process";
import { once } from "node:events";
import { StreamReader, StreamReaderProtocol, connectReadPipe } from "@tsyncio/node";
import { expect, test } from "vitest";
import { nodeProgram } from "../../node-program.ts";

test("test_streams.py::StreamTests.test_read_all_from_pipe_reader: everything that a process wrote into a pipe is read after its end, though it is more than the limit", () =>
  nodeProgram(async () => {
    const child = spawn(process.execPath, ["-e", "process.stdout.write('data')"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const reader = new StreamReader({ limit: 1 });
    const protocol = new StreamReaderProtocol(reader);
    await connectReadPipe(() => protocol, child.stdout);
    await once(child, "exit");
    expect(String(await reader.read())).toBe("data");
    await protocol.closed();
  }));
