import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import { CancelledError, createTask, fromPromise, getRunningLoop, run, sleep } from "tsyncio";
import { expect, test } from "vitest";
import { errorOf } from "../../../../conformance/program.ts";
import { dialled } from "../../src/wire/dial.ts";
import type { WireRequest } from "@tsyncio/http";

const REQUEST: WireRequest = {
  method: "GET",
  url: new URL("http://peer.test/"),
  headers: [],
  body: null,
  whole: true,
  timeouts: { connect: null, headers: null, body: null },
  maxBodySize: null,
};

test("connected and cancelled in the same iteration, the socket is closed though the attempt knows nothing of it", () =>
  run(async () => {
    const server = createServer((socket) => void socket.on("error", () => {}));
    await fromPromise(once(server.listen(0, "127.0.0.1"), "listening"));
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    await fromPromise(once(socket, "connect"));

    let tell = (_: Socket) => {};
    const log: string[] = [];
    const dialing = createTask(
      dialled(
        (told) => {
          tell = (connected) => told(null, connected);
          return { destroy: () => log.push("attempt given up") };
        },
        REQUEST,
        new Set(),
      ),
    );
    await sleep(0);
    getRunningLoop().callSoon(() => {
      tell(socket);
      dialing.cancel();
    });
    expect(await errorOf(dialing)).toBeInstanceOf(CancelledError);
    expect(log).toEqual(["attempt given up"]);
    expect(socket.destroyed).toBe(true);
    server.close();
  }));
