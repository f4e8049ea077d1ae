import { RuntimeError, createTask, newEventLoop } from "tsyncio";
import { StreamReader, StreamReaderProtocol } from "@tsyncio/node";
import { expect, test } from "vitest";
import { program } from "../../program.ts";
import { thrownBy } from "../../thrown-by.ts";
import { expectNoLoop } from "../task-functions/no-loop.ts";
import { bytes } from "./fed-reader.ts";

async function expectElsewhere(wait: PromiseLike<unknown>) {
  const error = (await thrownBy(wait)) as RuntimeError;
  expect(error).toBeInstanceOf(RuntimeError);
  expect(error.message).toMatch(/^Cannot await .*: it belongs to a different loop$/);
}

test("test_streams.py::StreamTests.test_streamreader_constructor_without_loop: outside of a loop there is no reader", () => {
  expectNoLoop(() => new StreamReader());
});

test("test_streams.py::StreamTests.test_streamreader_constructor_use_running_loop: a reader belongs to the loop on which it is made", async () => {
  const reader = await program(async ({ loop }) => {
    const made = new StreamReader();
    loop.callSoon(() => made.feedData(bytes("data")));
    expect(await made.read(4)).toEqual(bytes("data"));
    return made;
  });
  await program(() => expectElsewhere(reader.read(4)));
});

test("test_streams.py::StreamTests.test_streamreader_constructor_use_global_loop: a reader can be given its loop, and belongs to that", async () => {
  const loop = newEventLoop();
  const reader = new StreamReader({ loop });
  await program(() => expectElsewhere(reader.read(4)));
  const reading = loop.runUntilComplete(reader.read(4));
  loop.callSoon(() => reader.feedData(bytes("data")));
  expect(await reading).toEqual(bytes("data"));
  loop.close();
});

test("test_streams.py::StreamTests.test_streamreaderprotocol_constructor_without_loop: outside of a loop there is no protocol for a reader", () => {
  const loop = newEventLoop();
  const reader = new StreamReader({ loop });
  expectNoLoop(() => new StreamReaderProtocol(reader));
  loop.close();
});

test("test_streams.py::StreamTests.test_streamreaderprotocol_constructor_use_running_loop: a protocol belongs to the loop on which it is made", async () => {
  const protocol = await program(async () => {
    const made = new StreamReaderProtocol(new StreamReader());
    const open = new StreamReaderProtocol(new StreamReader());
    const closing = createTask(made.closed());
    made.connectionLost(null);
    await closing;
    return open;
  });
  await program(() => expectElsewhere(protocol.closed()));
});

test("test_streams.py::StreamTests.test_streamreaderprotocol_constructor_use_global_loop: a protocol can be given its loop, and belongs to that", async () => {
  const loop = newEventLoop();
  const protocol = new StreamReaderProtocol(new StreamReader({ loop }), null, { loop });
  await program(() => expectElsewhere(protocol.closed()));
  const closing = loop.runUntilComplete(protocol.closed());
  loop.callSoon(() => protocol.connectionLost(null));
  expect(await closing).toBe(undefined);
  loop.close();
});
