import {
  ConnectionLostError,
  type StreamReader,
  type StreamWriter,
  createConnection,
  createSubprocessExec,
  openConnection,
  startServer,
  startTls,
} from "@tsyncio/node";
import type { Socket } from "node:net";
import { type Awaitable, Future, RuntimeError, createTask, sleep } from "tsyncio";
import { describe, expect, test } from "vitest";
import {
  BareServer,
  connected,
  readEnd,
  readExactly,
  secureClient,
  secureServer,
} from "../../../../conformance/cpython/tls/bare.ts";
import { Recorder } from "../../../../conformance/cpython/transports/recorder.ts";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { ca, identity } from "../../../../test/tls/certificates.ts";

const NAME = { serverHostname: "localhost" };
const bytes = (text: string) => Buffer.from(text);

/** A bare server that answers a word in plain text, encrypts the connection, and echoes what comes over TLS. */
async function echo(socket: Socket) {
  "native async";
  await readExactly(socket, "STARTTLS\n".length);
  socket.write("OK\n");
  const secured = await secureServer(socket);
  secured.pipe(secured);
  await readEnd(secured);
}

/** Runs a bare client against a server of streams, of which `handle` is the handler; what that gives is given. */
async function served<T>(
  handle: (reader: StreamReader, writer: StreamWriter) => Awaitable<T>,
  client: (socket: Socket) => Promise<void>,
) {
  const handled = new Future<T>();
  const server = await startServer(
    async (reader, writer) => {
      handled.setResult(await handle(reader, writer));
      writer.close();
    },
    "127.0.0.1",
    0,
  );
  await client(await connected(server.sockets[0].port));
  server.close();
  await server.waitClosed();
  return await handled;
}

describe("a writer starts TLS", () => {
  test("as a client, and its reader reads on", () =>
    nodeProgram(async () => {
      const server = await BareServer.listening(echo);
      const [reader, writer] = await openConnection("127.0.0.1", server.port);
      const plain = writer.transport;
      writer.write("STARTTLS\n");
      expect(String(await reader.readline())).toBe("OK\n");
      await writer.startTls({ ca }, NAME);
      expect(writer.transport).not.toBe(plain);
      expect([writer.canWriteEof(), writer.getExtraInfo("cipher")]).toEqual([false, expect.anything()]);
      await writer.write("over TLS\n");
      expect(String(await reader.readline())).toBe("over TLS\n");
      writer.close();
      await writer.waitClosed();
      expect(reader.atEof()).toBe(true);
      await server.served;
    }));

  test("while its reader waits, and is held back by its limit afterwards", () =>
    nodeProgram(async () => {
      const server = await BareServer.listening(echo);
      const [reader, writer] = await openConnection("127.0.0.1", server.port, { limit: 1024 });
      writer.write("STARTTLS\n");
      expect(String(await reader.readline())).toBe("OK\n");
      const waiting = createTask(reader.readexactly(5));
      await sleep(0);
      await writer.startTls({ ca }, NAME);
      writer.write("hello");
      expect(String(await waiting)).toBe("hello");
      writer.write(Buffer.alloc(1 << 20));
      while (!String(reader).endsWith(" paused>")) await sleep(1);
      await sleep(10);
      expect(Number(/ (\d+) bytes/.exec(String(reader))?.[1])).toBeLessThan(1 << 18);
      expect((await reader.readexactly(1 << 20)).length).toBe(1 << 20);
      writer.close();
      await writer.waitClosed();
    }));

  test("as a server, also when it takes its time and the client's hello is there already", () =>
    nodeProgram(async () => {
      const heard = await served(
        async (reader, writer) => {
          expect(String(await reader.readline())).toBe("STARTTLS\n");
          writer.write("OK\n");
          while (!/ \d+ bytes/.test(String(reader))) await sleep(5);
          await writer.startTls(identity());
          return String(await reader.read());
        },
        async (socket) => {
          "native async";
          socket.write("STARTTLS\n");
          await readExactly(socket, 3);
          const secured = await secureClient(socket);
          secured.end("over TLS");
          await readEnd(secured);
        },
      );
      expect(heard).toBe("over TLS");
    }));

  test("and plain text that was slipped in before is not taken for what is encrypted", () =>
    nodeProgram(async () => {
      const error = await served(
        async (reader, writer) => {
          expect(String(await reader.readline())).toBe("STARTTLS\n");
          await sleep(10);
          const error = await thrownBy(writer.startTls(identity()));
          expect(await thrownBy(reader.read())).toBe(error);
          expect(await thrownBy(writer.waitClosed())).toBe(error);
          return error;
        },
        async (socket) => {
          "native async";
          socket.write("STARTTLS\nRCPT TO: <eve>\n");
          await readEnd(socket);
        },
      );
      expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_SSL_/) });
    }));

  test("with a certificate that does not hold: the connection is lost, which reader and writer tell", () =>
    nodeProgram(async () => {
      const server = await BareServer.listening(async (socket) => {
        "native async";
        await secureServer(socket);
      });
      const [reader, writer] = await openConnection("127.0.0.1", server.port);
      const error = await thrownBy(writer.startTls(true, NAME));
      expect(error).toMatchObject({ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
      expect(writer.isClosing()).toBe(true);
      expect(await thrownBy(writer.waitClosed())).toBe(error);
      expect(await thrownBy(reader.read())).toBe(error);
      expect(await thrownBy(server.served)).toMatchObject({ code: "ECONNRESET" });
    }));

  test("and what is wrong with its arguments is thrown at the call: the connection goes on as it was", () =>
    nodeProgram(async () => {
      const heard = await served(
        async (reader, writer) => {
          expect(String(await reader.readline())).toBe("first\n");
          await sleep(10);
          expect(() => writer.startTls(true as never)).toThrow(TypeError);
          expect(() => writer.startTls(identity(), { handshakeTimeout: 0 })).toThrow(RangeError);
          return String(await reader.readline());
        },
        async (socket) => {
          "native async";
          socket.write("first\nsecond\n");
          await readEnd(socket);
        },
      );
      expect(heard).toBe("second\n");
    }));

  test("and not on a pipe", () =>
    nodeProgram(async () => {
      await using child = await createSubprocessExec("cat", [], { stdin: "pipe", stdout: "ignore" });
      expect(() => child.stdin.startTls({ ca }, NAME)).toThrow(
        new RuntimeError("Cannot start TLS: there is no connection but a pipe"),
      );
      child.stdin.close();
      expect(await child.wait()).toBe(0);
    }));
});

/** Runs `use` with a plain transport to a bare server. */
async function withTransport(
  serve: (socket: Socket) => Promise<void>,
  use: (transport: Awaited<ReturnType<typeof createConnection>>[0], protocol: Recorder) => PromiseLike<void>,
) {
  const server = await BareServer.listening(serve);
  const [transport, protocol] = await createConnection(() => new Recorder(), "127.0.0.1", server.port);
  await use(transport, protocol);
  await server.served;
}

describe("startTls()", () => {
  test("sends first what was written before, however much, in plain text", () =>
    nodeProgram(() =>
      withTransport(
        async (socket) => {
          "native async";
          expect(await readExactly(socket, 1 << 22)).toBe("x".repeat(1 << 22));
          await readEnd(await secureServer(socket));
        },
        async (plain, { heard }) => {
          plain.write(Buffer.alloc(1 << 22, "x"));
          expect(heard.log).toEqual(["made", "pauseWriting"]);
          const transport = await startTls(plain, plain.getProtocol() as Recorder, { ca }, NAME);
          // What waits below TLS is no matter of its own buffer.
          expect(heard.log).toEqual(["made", "pauseWriting", "resumeWriting"]);
          transport.close();
          await heard.until(() => heard.lost);
        },
      ),
    ));

  test("leaves nothing to the old transport but to close the new one", () =>
    nodeProgram(() =>
      withTransport(
        async (socket) => {
          "native async";
          await readEnd(await secureServer(socket));
        },
        async (plain, protocol) => {
          const starting = createTask(startTls(plain, protocol, { ca }, NAME));
          await sleep(0);
          const refused = new RuntimeError(
            "Cannot write: TLS was started; write to the transport that startTls() gives",
          );
          expect(() => plain.write(bytes("too early"))).toThrow(refused);
          const transport = await starting;
          expect(() => plain.write(bytes("too late"))).toThrow(refused);
          expect([plain.isClosing(), plain.isReading(), transport.isClosing()]).toEqual([true, false, false]);
          plain.close();
          expect(transport.isClosing()).toBe(true);
          await protocol.heard.until(() => protocol.heard.lost);
          expect(protocol.heard.log).toEqual(["made", ["lost", null]]);
          plain.abort();
        },
      ),
    ));

  test.each(["close", "abort"] as const)("is ended by the %s() of the old transport", (method) =>
    nodeProgram(() =>
      withTransport(readEnd, async (plain, protocol) => {
        const starting = createTask(startTls(plain, protocol, { ca }, NAME));
        await sleep(10);
        plain[method]();
        const error = await thrownBy(starting);
        expect(error).toBeInstanceOf(ConnectionLostError);
        expect(String(error)).toMatch(
          /^ConnectionLostError: Cannot do the TLS handshake with .*: the connection was closed$/,
        );
        await protocol.heard.until(() => protocol.heard.lost);
        expect(protocol.heard.log).toEqual(["made", ["lost", error]]);
      }),
    ),
  );

  test("throws when the connection is closing", () =>
    nodeProgram(() =>
      withTransport(readEnd, async (plain, protocol) => {
        plain.close();
        const error = await thrownBy(startTls(plain, protocol, { ca }, NAME));
        expect(error).toBeInstanceOf(ConnectionLostError);
        await protocol.heard.until(() => protocol.heard.lost);
        expect(protocol.heard.log).toEqual(["made", ["lost", null]]);
      }),
    ));

  test("throws when the peer has ended the connection", () => {
    class Keeping extends Recorder {
      override keepOpen = true;
    }
    return nodeProgram(async () => {
      const server = await BareServer.listening(async (socket) => {
        "native async";
        socket.end();
        await readEnd(socket);
      });
      const [plain, protocol] = await createConnection(() => new Keeping(), "127.0.0.1", server.port);
      const { heard } = protocol;
      await heard.until(() => heard.log.includes("eof"));
      const error = await thrownBy(startTls(plain, protocol, { ca }, NAME));
      expect(String(error)).toMatch(/: the peer has ended the connection$/);
      await heard.until(() => heard.lost);
      expect(heard.log).toEqual(["made", "eof", ["lost", error]]);
    });
  });

  test("throws when the peer has ended the connection, and that is still to be read", () =>
    nodeProgram(async () => {
      const server = await BareServer.listening(async (socket) => {
        "native async";
        socket.end("the last words");
        await readEnd(socket);
      });
      const [plain, protocol] = await createConnection(() => new Recorder(), "127.0.0.1", server.port);
      plain.pauseReading();
      await sleep(10);
      const error = await thrownBy(startTls(plain, protocol, { ca }, NAME));
      // Either of the two is noticed first.
      expect(String(error)).toMatch(/wrong version number|the peer has ended the connection/);
      const { heard } = protocol;
      await heard.until(() => heard.lost);
      expect(heard.log).toEqual(["made", ["lost", error]]);
      await server.served;
    }));

  test("needs the name of the server, unless no certificate is checked", () =>
    nodeProgram(() =>
      withTransport(
        async (socket) => {
          "native async";
          await readEnd(await secureServer(socket));
        },
        async (plain, protocol) => {
          expect(() => startTls(plain, protocol, { ca })).toThrow(
            new RangeError(
              'Cannot start TLS: nothing tells the name of the server; pass serverHostname, "" checks none',
            ),
          );
          const transport = await startTls(plain, protocol, { rejectUnauthorized: false });
          transport.close();
          await protocol.heard.until(() => protocol.heard.lost);
        },
      ),
    ));

  test("gives the bytes that came together with the last ones in plain text to TLS", () =>
    nodeProgram(async () => {
      class Greeting extends Recorder {
        override dataReceived(data: Uint8Array) {
          super.dataReceived(data);
          this.transport.pauseReading();
        }
      }
      const server = await BareServer.listening(async (socket) => {
        "native async";
        const secured = await secureClient(socket);
        secured.end("over TLS");
        await readEnd(secured);
      });
      const [plain, protocol] = await createConnection(() => new Greeting(), "127.0.0.1", server.port);
      plain.pauseReading();
      await sleep(20);
      const transport = await startTls(plain, protocol, identity(), { serverSide: true });
      const { heard } = protocol;
      protocol.transport = transport;
      await heard.until(() => heard.received === "over TLS");
      transport.resumeReading();
      await heard.until(() => heard.lost);
      expect(heard.log).toEqual(["made", "data over TLS", "eof", ["lost", null]]);
      await server.served;
    }));
});
