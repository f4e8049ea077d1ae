import { DatagramProtocol, createDatagramEndpoint } from "@tsyncio/node";
import { ContextVar, getRunningLoop, newEventLoop, sleep } from "tsyncio";
import { expect, test, vi } from "vitest";
import { DatagramRecorder, bound, connected } from "../../../../conformance/cpython/datagrams/recorder.ts";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { takeHeard } from "../../../../conformance/program.ts";

const user = new ContextVar<string>("user", { default: "nobody" });
const LOOPBACK = { localAddress: { host: "127.0.0.1" } };

/** Closes transports, and waits until they are. */
async function closed(...protocols: DatagramRecorder[]) {
  for (const protocol of protocols) {
    protocol.transport.close();
    await protocol.until(() => protocol.lost);
  }
}

test("a protocol is called on the loop, in the context in which its transport was made", () =>
  nodeProgram(async ({ loop, log }) => {
    class Looking extends DatagramRecorder {
      override datagramReceived(data: Uint8Array, from: never) {
        log.push([getRunningLoop() === loop, user.get()]);
        super.datagramReceived(data, from);
      }
    }
    user.set("ann");
    const [, receiver] = await createDatagramEndpoint(() => new Looking(), LOOPBACK);
    user.set("ben");
    const [transport, sender] = await connected(receiver.address);
    transport.sendto(Buffer.from("x"));
    await receiver.events(2);
    expect(log).toEqual([[true, "ann"]]);
    await closed(receiver, sender);
  }));

test("what a protocol throws is reported, and it gets the next datagram", () =>
  nodeProgram(async (given) => {
    class Failing extends DatagramRecorder {
      override datagramReceived(data: Uint8Array, from: never): never {
        super.datagramReceived(data, from);
        throw new RangeError("unwell");
      }
    }
    const [, receiver] = await createDatagramEndpoint(() => new Failing(), LOOPBACK);
    const [transport, sender] = await connected(receiver.address);
    transport.sendto(Buffer.from("x"));
    transport.sendto(Buffer.from("y"));
    await receiver.events(3);
    expect(receiver.log).toEqual(["made", "data x", "data y"]);
    expect(takeHeard(given)).toEqual(Array(2).fill("Exception in protocol.datagramReceived(): RangeError: unwell"));
    await closed(receiver, sender);
  }));

test("another protocol may take over", () =>
  nodeProgram(async () => {
    const [receiving, first] = await bound();
    const [transport, sender] = await connected(first.address);
    const second = new DatagramRecorder();
    receiving.setProtocol(second);
    expect(receiving.getProtocol()).toBe(second);
    transport.sendto(Buffer.from("x"));
    await second.events(1);
    receiving.close();
    await second.until(() => second.lost);
    expect([first.log, second.log]).toEqual([["made"], ["data x", ["lost", null]]]);
    await closed(sender);
  }));

test("abort() ends it without waiting for what is to be sent", () =>
  nodeProgram(async () => {
    const [transport, protocol] = await bound();
    transport.sendto(Buffer.from("x"), { address: "localhost", port: protocol.address.port });
    transport.abort();
    transport.abort();
    expect([transport.isClosing(), protocol.log]).toEqual([true, ["made"]]);
    await sleep(0);
    expect(protocol.log).toEqual(["made", ["lost", null]]);
  }));

test("a factory that fails leaves no socket", () =>
  nodeProgram(async ({ loop }) => {
    const failing = () => {
      throw new RangeError("no protocol");
    };
    await expect(createDatagramEndpoint(failing, LOOPBACK).then()).rejects.toThrow("no protocol");
    expect(loop.resources.size).toBe(0);
  }));

test("closing the loop drops it: debug mode tells", async () => {
  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const loop = newEventLoop();
  loop.setDebug(true);
  const lost = vi.fn<(error: unknown) => void>();
  class Heedless extends DatagramProtocol {
    override connectionLost = lost;
  }
  const open = async () => void (await createDatagramEndpoint(() => new Heedless(), LOOPBACK));
  await loop.runUntilComplete(open());
  loop.close();
  expect(warn.mock.calls).toEqual([
    [
      expect.stringMatching(/^unclosed transport <DatagramSocketTransport open local=127.0.0.1:\d+>$/),
      "ResourceWarning",
    ],
  ]);
  expect([lost.mock.calls, loop.resources.size]).toEqual([[], 0]);
  warn.mockRestore();
});
