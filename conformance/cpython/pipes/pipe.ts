import { type Socket, connect, createServer } from "node:net";
import { type Coroutine, Future, coroutine, sleep } from "tsyncio";
import { nodeProgram } from "../../node-program.ts";
import type { Given, ProgramOptions } from "../../program.ts";
import { withSocketPath } from "../servers/socket-path.ts";
import { Peer } from "../transports/peer.ts";

/** The two ends of a pipe: the streams of a child process are made like this. */
export interface Pipe {
  /** For a transport. */
  readonly near: Socket;
  /** The other end; it reads. */
  readonly far: Peer;
}

const making = coroutine(function* pipe(path: string) {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  const accepted = new Future<Socket>();
  server.on("connection", (socket) => accepted.setResult(socket));
  const near = new Future<Socket>();
  server.listen(path, () => {
    const socket = connect({ path, allowHalfOpen: true }, () => near.setResult(socket));
  });
  const [ours, theirs] = [yield* near, yield* accepted];
  server.close();
  const far = new Peer(theirs);
  theirs.resume();
  return { near: ours, far };
});

/** A test's program with a pipe, which is gone afterwards. */
export function withPipe(
  test: (pipe: Pipe, given: Given) => PromiseLike<void>,
  options: Omit<ProgramOptions, "host"> = {},
): Promise<void> {
  const run = coroutine(function* (path: string, given: Given) {
    const pipe = yield* making(path);
    try {
      yield* test(pipe, given) as Coroutine<void>;
    } finally {
      pipe.near.destroy();
      pipe.far.socket.destroy();
      yield* sleep(1);
    }
  });
  return nodeProgram((given) => withSocketPath((path) => run(path, given)), options);
}
