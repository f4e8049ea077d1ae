import { expect, test } from "vitest";
import { startProgram } from "../start-program.ts";

const CERTIFICATES = new URL("../../../../test/tls/", import.meta.url).href;

/** Ends a program whose main leaves things open, as `body` does: it ends by itself, in order, and says nothing. */
async function expectEnd(body: string) {
  const { ended } = startProgram(`
    import { readFileSync } from "node:fs";
    import { connect } from "node:net";
    const { coroutine, run, sleep } = tsyncio;
    const pem = (name) => readFileSync(new URL(name + ".pem", "${CERTIFICATES}"), "utf8");
    const ca = pem("ca");
    const tls = { cert: pem("server"), key: pem("server-key") };
    // A writer that nobody holds is closed with a warning as soon as it is collected: that is not what is looked at here.
    const open = [];
    const hold = (...streams) => void open.push(streams);
    const main = coroutine(function* main() {
      const server = yield* node.startServer(hold, "127.0.0.1", 0, { tls });
      const { port } = server.sockets[0];
      ${body}
      console.log("main has ended");
    });
    await run(main());
  `);
  expect(await ended).toEqual({ code: 0, signal: null, stdout: "main has ended\n", stderr: "" });
}

test("a connection with TLS and a server that are open when main ends do not hold the process", () =>
  expectEnd(`hold(...(yield* node.openConnection("127.0.0.1", port, { tls: { ca } })));`));

test("nor does one that is closing, whose peer does not say goodbye", () =>
  expectEnd(`
    const [, writer] = yield* node.openConnection("127.0.0.1", port, { tls: { ca } });
    hold(writer);
    writer.write(new Uint8Array(1 << 24));
    writer.close();`));

test("nor does a handshake that goes on, on either side", () =>
  expectEnd(`
    connect(port, "127.0.0.1").unref();
    yield* sleep(50);
    const mute = yield* node.startServer(hold, "127.0.0.1", 0);
    tsyncio.createTask(node.openConnection("127.0.0.1", mute.sockets[0].port, { tls: { ca } }));
    yield* sleep(50);`));

test("nor does startTls() that goes on", () =>
  expectEnd(`
    const mute = yield* node.startServer(hold, "127.0.0.1", 0);
    const [, writer] = yield* node.openConnection("127.0.0.1", mute.sockets[0].port);
    hold(writer);
    tsyncio.createTask(writer.startTls({ ca }, { serverHostname: "localhost" }));
    yield* sleep(50);`));
