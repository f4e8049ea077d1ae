import type { ChildProcess, SpawnOptions } from "node:child_process";
import { type Coroutine, coroutine, getRunningLoop } from "tsyncio";
import { builtin } from "../builtin.ts";
import type { SubprocessProtocol } from "../transport/protocol.ts";
import { mergedOutput } from "./merged-output.ts";
import { ProcessTransport } from "./process-transport.ts";
import { reaped } from "./reaped.ts";
import { type SpawnPlan, sharesPipe, spawnOptions } from "./spawn-plan.ts";

/**
 * Starts a child process. Is done when the protocol's `connectionMade` has been called.
 *
 * **When cancelled**: the child is killed, and waited for.
 *
 * @throws Node's error when it cannot be started.
 */
export function startSubprocess<P extends SubprocessProtocol>(
  factory: () => P,
  plan: SpawnPlan,
): Coroutine<readonly [transport: ProcessTransport, protocol: P]> {
  return starting(factory, plan);
}

const starting = coroutine(function* startSubprocess<P extends SubprocessProtocol>(factory: () => P, plan: SpawnPlan) {
  const protocol = factory();
  const merged = sharesPipe(plan) ? yield* mergedOutput() : null;
  let child: ChildProcess;
  try {
    child = yield* spawned(plan, spawnOptions(plan, merged?.write ?? null));
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
    yield* ready;
  } catch (error) {
    transport.close();
    yield* reaped(transport, ignore);
    throw error;
  }
  return [transport, protocol] as const;
});

/** Node tells of most failures by an event. */
function* spawned({ program, args }: SpawnPlan, options: SpawnOptions): Generator<undefined, ChildProcess, any> {
  const child = builtin("child_process").spawn(program, args, options);
  child.on("error", ignore);
  if (child.pid !== undefined) return child;
  const failed = getRunningLoop().createFuture<never>();
  child.once("error", (error) => void (failed.done() || failed.setException(error)));
  try {
    return yield* failed;
  } finally {
    for (const stream of child.stdio ?? []) stream?.destroy();
  }
}

function ignore(): void {}
