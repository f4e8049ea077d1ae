import { type StreamReader, type StreamWriter, openConnection, startServer } from "@tsyncio/node";
import { type Socket, connect } from "node:net";
import { sleep } from "tsyncio";
import { expect, test } from "vitest";
import { Peer as BareServer } from "../../../../conformance/cpython/streams/peer.ts";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { takeHeard } from "../../../../conformance/program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { BadPeer } from "./bad-peer.ts";
import { answerLines, ask } from "./line-server.ts";

test("a client that resets within a line breaks its own connection: its handler is thrown the error, and not the half line", () =>
  nodeProgram(async () => {
    const log: unknown[] = [];
    const listen = async (reader: StreamReader, writer: StreamWriter) => {
      await using _ = writer;
      try {
        for await (const line of reader) log.push(String(line));
      } catch (error) {
        log.push((error as NodeJS.ErrnoException).code);
      }
    };
    await using server = await startServer(listen, "127.0.0.1", 0);
    const peer = await BadPeer.to(server);
    peer.socket.write("a whole line\nhalf a li");
    while (log.length === 0) await sleep(1);
    peer.socket.resetAndDestroy();
    while (log.length === 1) await sleep(1);
    expect(log).toEqual(["a whole line\n", "ECONNRESET"]);
  }));

test("a handler that does not expect a reset is reported once, and the server goes on", () =>
  nodeProgram(async (given) => {
    await using server = await startServer(answerLines, "127.0.0.1", 0);
    const peer = await BadPeer.to(server);
    peer.socket.write("hello\nhel");
    await peer.until(() => peer.received === "you said hello\n");
    peer.socket.resetAndDestroy();
    while (given.heard.length === 0) await sleep(1);
    expect(takeHeard(given)).toEqual(["Unhandled exception in the handler of a client: Error: read ECONNRESET"]);
    expect(await ask(server, "are you there?")).toBe("you said are you there?");
  }));

test("a client that resets while the server waits to write to it ends the wait with the error", () =>
  nodeProgram(async () => {
    let outcome: unknown = "writing";
    const flood = async (_: StreamReader, writer: StreamWriter) => {
      const piece = Buffer.alloc(100_000);
      await using _closing = writer;
      outcome = await thrownBy(
        (async () => {
          for (;;) await writer.write(piece);
        })(),
      );
    };
    await using server = await startServer(flood, "127.0.0.1", 0);
    const peer = await BadPeer.to(server);
    peer.socket.pause();
    await sleep(50);
    expect(outcome).toBe("writing");
    peer.socket.resetAndDestroy();
    while (outcome === "writing") await sleep(1);
    expect(["ECONNRESET", "EPIPE"]).toContain((outcome as NodeJS.ErrnoException).code);
  }));

test("a server that leaves without reading breaks the connection of who still writes to it", () =>
  nodeProgram(async () => {
    await using peer = await BareServer.listening((socket) => void socket.once("data", () => socket.destroy()));
    const [reader, writer] = await openConnection("127.0.0.1", peer.port);
    await using _ = writer;
    const writing = async () => {
      for (;;) await writer.write(Buffer.alloc(100_000));
    };
    const { code } = (await thrownBy(writing())) as NodeJS.ErrnoException;
    expect(["ECONNRESET", "EPIPE"]).toContain(code);
    expect(await thrownBy(reader.read())).toMatchObject({ code });
    expect(writer.isClosing()).toBe(true);
  }));

test("a server that resets after an answer: the answer is read, then the error is thrown", () =>
  nodeProgram(async () => {
    const resetWhenTold = (socket: Socket) => {
      socket.write("an answer\nhalf an ans");
      socket.once("data", () => socket.resetAndDestroy());
    };
    await using peer = await BareServer.listening(resetWhenTold);
    const [reader, writer] = await openConnection("127.0.0.1", peer.port);
    await using _ = writer;
    expect(String(await reader.readline())).toBe("an answer\n");
    writer.write("reset\n");
    expect(await thrownBy(reader.readline())).toMatchObject({ code: "ECONNRESET", syscall: "read" });
    expect(await thrownBy(reader.readline())).toMatchObject({ code: "ECONNRESET" });
  }));

test("clients that leave or reset as soon as they are connected cost nothing but themselves", () =>
  nodeProgram(async (given) => {
    await using server = await startServer(answerLines, "127.0.0.1", 0);
    const { port } = server.sockets[0];
    const answers: string[] = [];
    let open = 0;
    for (let n = 0; n < 500; n++) {
      const socket = connect(port, "127.0.0.1");
      open++;
      socket.on("error", () => {}).on("close", () => open--);
      socket.on("connect", () => (n % 2 === 0 ? socket.resetAndDestroy() : socket.destroy()));
      if (n % 100 === 0) answers.push(await ask(server, `${n}`));
    }
    while (open > 0) await sleep(1);
    answers.push(await ask(server, "last"));
    expect(answers).toEqual([0, 100, 200, 300, 400, "last"].map((line) => `you said ${line}`));
    // Who resets is an error to a handler that does not expect it.
    expect(new Set(takeHeard(given))).toEqual(
      new Set(["Unhandled exception in the handler of a client: Error: read ECONNRESET"]),
    );
    server.close();
    await server.waitClosed();
  }));
