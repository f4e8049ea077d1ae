import { type Coroutine, coroutine } from "tsyncio";
import type { SubprocessProtocol } from "../transport/protocol.ts";
import type { SubprocessTransport } from "../transport/transport.ts";
import { type SpawnPlan, execPlan, shellPlan } from "./spawn-plan.ts";
import { startSubprocess } from "./start-subprocess.ts";
import type { ShellOptions, SubprocessOptions } from "./subprocess-options.ts";

/**
 * Starts a program as a child process with a protocol of your own. Streams that are not given are pipes. The coroutine is done
 * when the protocol's `connectionMade` has been called.
 *
 * **When cancelled**: the child is killed, and waited for.
 *
 * @throws Node's error when it cannot be started: `code` "ENOENT" for a program that is not there, "EACCES", "EAGAIN", …
 * @throws {TypeError} for what is no word, and for an option that does not exist.
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.loop.subprocess_exec
 */
export function subprocessExec<P extends SubprocessProtocol>(
  factory: () => P,
  program: string | URL,
  args: readonly (string | URL)[] = [],
  options: SubprocessOptions = {},
): Coroutine<readonly [transport: SubprocessTransport, protocol: P]> {
  return starting(factory, execPlan(program, args, options, "pipe"));
}

/**
 * As `subprocessExec`, for a command of the shell.
 *
 * **When cancelled**: the shell is killed, and waited for.
 *
 * @throws Node's error when the shell cannot be started.
 * @throws {TypeError} for what is no text, and for an option that does not exist.
 * @see https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.loop.subprocess_shell
 */
export function subprocessShell<P extends SubprocessProtocol>(
  factory: () => P,
  command: string,
  options: ShellOptions = {},
): Coroutine<readonly [transport: SubprocessTransport, protocol: P]> {
  return starting(factory, shellPlan(command, options, "pipe"));
}

const starting = coroutine(function* connectSubprocess<P extends SubprocessProtocol>(
  factory: () => P,
  plan: SpawnPlan,
) {
  const protocol = factory();
  return [yield* startSubprocess(protocol, plan), protocol] as const;
});
