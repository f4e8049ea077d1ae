import {
  type ClientHandler,
  type Server,
  type StreamReader,
  type StreamWriter,
  openConnection,
  startServer,
  startUnixServer,
} from "@tsyncio/node";
import { ContextVar, Event, type Task, createTask, currentTask, eagerTaskFactory, run, sleep } from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { takeHeard } from "../../../../conformance/program.ts";

/** A server with this handler, for as long as `use` runs. */
async function served(handler: ClientHandler, use: (server: Server) => PromiseLike<void>) {
  await using server = await startServer(handler, "127.0.0.1", 0);
  await use(server);
  server.closeClients();
}

/** What a client is sent up to the end of its connection. */
async function visit({ sockets: [{ port }] }: Server) {
  const [reader, writer] = await openConnection("127.0.0.1", port);
  await using _ = writer;
  return String(await reader.read());
}

const failed = (error: unknown) => `Unhandled exception in the handler of a client: ${String(error)}`;

describe("a handler that fails is reported once, and its connection closed:", () => {
  const boom = new Error("boom");
  const nothing: unknown = null;
  const handlers: [what: string, handler: ClientHandler, thrown: unknown][] = [
    [
      "a coroutine function",
      async (_reader: StreamReader, writer: StreamWriter) => {
        writer.write("so far");
        await sleep(0);
        throw boom;
      },
      boom,
    ],
    [
      "a plain callback",
      (_reader, writer) => {
        writer.write("so far");
        throw boom;
      },
      boom,
    ],
    [
      "a native async function",
      async (_reader: StreamReader, writer: StreamWriter) => {
        "native async";
        writer.write("so far");
        throw boom;
      },
      boom,
    ],
    [
      "one that throws no error but null",
      async (_reader: StreamReader, writer: StreamWriter) => {
        writer.write("so far");
        throw nothing;
      },
      null,
    ],
  ];

  test.each(handlers)("%s", (_what, handler, thrown) =>
    nodeProgram((given) =>
      served(handler, async (server) => {
        expect(await visit(server)).toBe("so far");
        expect(given.heard.map(({ transport }) => String(transport))).toEqual([
          expect.stringMatching(/^<SocketTransport /),
        ]);
        expect(takeHeard(given)).toEqual([failed(thrown)]);
      }),
    ),
  );

  test("the other connections go on", () =>
    nodeProgram((given) => {
      let visits = 0;
      const handler = async (reader: StreamReader, writer: StreamWriter) => {
        if (++visits === 2) throw boom;
        await using _ = writer;
        await writer.write(`you said ${await reader.readline()}`);
      };
      return served(handler, async (server) => {
        const [reader, writer] = await openConnection("127.0.0.1", server.sockets[0].port);
        while (visits === 0) await sleep(1);
        expect(await visit(server)).toBe("");
        await writer.write("hello\n");
        expect(String(await reader.read())).toBe("you said hello\n");
        writer.close();
        await writer.waitClosed();
        expect(takeHeard(given)).toEqual([failed(boom)]);
      });
    }));
});

describe("a handler", () => {
  test("that gives nothing to await keeps its connection, which is its own to close", () =>
    nodeProgram(() => {
      const writers: StreamWriter[] = [];
      return served(
        (_reader, writer) => void writers.push(writer),
        async (server) => {
          const visiting = createTask(visit(server));
          while (writers.length === 0) await sleep(1);
          await sleep(5);
          expect(visiting.done()).toBe(false);
          writers[0].write("later");
          writers[0].close();
          expect(await visiting).toBe("later");
        },
      );
    }));

  test("that is cancelled closes its connection, and is not reported", () =>
    nodeProgram(() => {
      const tasks: Task[] = [];
      const handler = async (reader: StreamReader) => {
        tasks.push(currentTask()!);
        await reader.read();
      };
      return served(handler, async (server) => {
        const visiting = createTask(visit(server));
        while (tasks.length === 0) await sleep(1);
        tasks[0].cancel();
        expect(await visiting).toBe("");
        expect(tasks[0].cancelled()).toBe(true);
      });
    }));

  test("runs in a copy of the context in which the server was made", () =>
    nodeProgram(async ({ log }) => {
      const name = new ContextVar<string>("name");
      name.set("of the server");
      const handler = async (_reader: StreamReader, writer: StreamWriter) => {
        await using _ = writer;
        log.push(name.get());
        name.set("of the handler");
      };
      await served(handler, async (server) => {
        name.set("of the client");
        await visit(server);
        await visit(server);
      });
      expect([log, name.get()]).toEqual([["of the server", "of the server"], "of the client"]);
    }));

  test("may be started eagerly", () =>
    nodeProgram(async ({ loop }) => {
      loop.setTaskFactory(eagerTaskFactory);
      const handler = async (reader: StreamReader, writer: StreamWriter) => {
        writer.write("first ");
        await reader.read();
        writer.write("last");
        writer.close();
      };
      await served(handler, async (server) => {
        const [reader, writer] = await openConnection("127.0.0.1", server.sockets[0].port);
        writer.writeEof();
        expect(String(await reader.read())).toBe("first last");
        writer.close();
        await writer.waitClosed();
      });
    }));

  test("that still runs when the program ends is cancelled, and cleans up", async () => {
    const log: string[] = [];
    await run(async () => {
      const began = new Event();
      const handler = async (reader: StreamReader) => {
        try {
          began.set();
          await reader.read();
        } finally {
          log.push("cleaned up");
        }
      };
      const server = await startServer(handler, "127.0.0.1", 0);
      await openConnection("127.0.0.1", server.sockets[0].port);
      await began.wait();
    });
    expect(log).toEqual(["cleaned up"]);
  });
});

describe("startServer", () => {
  test("gives readers its limit", () =>
    nodeProgram(async ({ log }) => {
      const handler = (reader: StreamReader, writer: StreamWriter) => {
        log.push(/ limit=\d+/.exec(String(reader))?.[0]);
        writer.close();
      };
      await using server = await startServer(handler, "127.0.0.1", 0, { limit: 99 });
      await visit(server);
      expect(log).toEqual([" limit=99"]);
    }));

  test("tells at the call what is wrong with its arguments", () =>
    nodeProgram(async () => {
      const handler = () => {};
      expect(() => startServer(handler, null, 0, { limit: -1 })).toThrow(
        new RangeError("Cannot create StreamReader: limit must be > 0, received -1"),
      );
      expect(() => startUnixServer(handler, "x", { limit: 0 })).toThrow(RangeError);
      expect(() => startServer("no function" as never, null, 0)).toThrow(
        new TypeError("Cannot startServer(): expected a function to call for each client, received no function"),
      );
      expect(() => startUnixServer(null as never, "x")).toThrow(
        new TypeError("Cannot startUnixServer(): expected a function to call for each client, received null"),
      );
    }));

  test("takes handlers of any kind", () => {
    expectTypeOf<() => void>().toExtend<ClientHandler>();
    expectTypeOf<(reader: StreamReader) => Promise<number>>().toExtend<ClientHandler>();
    expectTypeOf<(reader: string) => void>().not.toExtend<ClientHandler>();
  });
});
