import type { ChildProcess } from "node:child_process";
import { getRunningLoop } from "tsyncio";
import { builtin } from "../builtin.ts";
import type { SubprocessProtocol } from "../transport/protocol.ts";
import { mergedOutput } from "./merged-output.ts";
import { ProcessTransport } from "./process-transport.ts";
import { reaped } from "./reaped.ts";
import { type SpawnPlan, sharesPipe, spawnOptions } from "./spawn-plan.ts";

/**
 * Starts a child process: gives its transport when the protocol's `connectionMade` has been called.
 *
 * **When cancelled**: the child is killed, and waited for.
 *
 * @throws Node's error when it cannot be started.
 */
export function* startSubprocess(
  protocol: SubprocessProtocol,
  plan: SpawnPlan,
): Generator<unknown, ProcessTransport, any> {
  const merged = sharesPipe(plan) ? yield* mergedOutput() : null;
  let child: ChildProcess;
  try {
    child = builtin("child_process").spawn(plan.program, plan.args, spawnOptions(plan, merged?.write ?? null));
    child.on("error", ignore);
    if (child.pid === undefined) yield* failure(child);
  } catch (error) {
    merged?.read.destroy();
    throw error;
  } finally {
    merged?.write.destroy();
  }
  const loop = getRunningLoop();
  const ready = loop.createFuture<undefined>();
  const output = merged?.read ?? child.stdout;
  const transport = new ProcessTransport(loop, child, output, protocol, plan.options.detached === true, ready);
  try {
    yield ready;
  } catch (error) {
    transport.close();
    yield* reaped(transport, ignore);
    throw error;
  }
  return transport;
}

/** Node tells of most failures by an event. @throws what that says. */
function* failure(child: ChildProcess): Generator<undefined, never, any> {
  const failed = getRunningLoop().createFuture<never>();
  child.once("error", (error) => void (failed.done() || failed.setException(error)));
  try {
    return yield* failed;
  } finally {
    for (const stream of child.stdio ?? []) stream?.destroy();
  }
}

function ignore(): void {}
