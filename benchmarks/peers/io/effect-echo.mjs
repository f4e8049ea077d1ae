import { Effect } from "effect";
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer";

const echo = Effect.fnUntraced(function* (socket) {
  const { pull } = yield* socket.reader;
  const { writeAll } = yield* socket.writer;
  while (true) yield* writeAll(yield* pull);
}, Effect.scoped);

const program = Effect.fnUntraced(function* (listening) {
  const server = yield* NodeSocketServer.make({ port: 0, host: "127.0.0.1", noDelay: true });
  listening(server.address.port);
  return yield* server.run((socket) => Effect.ignore(echo(socket)));
}, Effect.scoped);

export const serve = (listening) => Effect.runPromise(program(listening));
