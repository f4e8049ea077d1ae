import { Effect, Stream } from "effect";
import * as ChildProcess from "effect/process/ChildProcess";
import { ChildProcessSpawner } from "effect/process/ChildProcessSpawner";
import * as NodeServices from "@effect/platform-node/NodeServices";

/** What starts so many processes, one after the other, with their output read or without pipes. */
export function starting(count, output) {
  const piped = output ? "pipe" : "ignore";
  const command = ChildProcess.make("true", [], { stdin: "ignore", stdout: piped, stderr: piped });
  const one = Effect.gen(function* () {
    const spawner = yield* ChildProcessSpawner;
    const child = yield* spawner.spawn(command);
    if (output)
      yield* Effect.all([Stream.runDrain(child.stdout), Stream.runDrain(child.stderr)], { concurrency: "unbounded" });
    const code = yield* child.exitCode;
    if (code !== 0) throw new Error(`ended with ${code}`);
  }).pipe(Effect.scoped);
  const all = Effect.gen(function* () {
    for (let i = 0; i < count; i++) yield* one;
  }).pipe(Effect.provide(NodeServices.layer));
  return () => Effect.runPromise(all);
}
