/** Modules of Node that only some programs use. Each costs a start-up between half a millisecond and twenty (`node:tls`). */
interface RareModules {
  readonly child_process: typeof import("node:child_process");
  readonly crypto: typeof import("node:crypto");
  readonly dgram: typeof import("node:dgram");
  readonly dns: typeof import("node:dns");
  readonly fs: typeof import("node:fs");
  readonly net: typeof import("node:net");
  readonly stream: typeof import("node:stream");
  readonly tls: typeof import("node:tls");
  readonly v8: typeof import("node:v8");
  readonly worker_threads: typeof import("node:worker_threads");
}

const loaded: { -readonly [Name in keyof RareModules]?: RareModules[Name] } = {};

/** A module of Node, loaded when it is first asked for. */
export function builtin<Name extends keyof RareModules>(name: Name): RareModules[Name] {
  return (loaded[name] ??= process.getBuiltinModule(`node:${name}`) as (typeof loaded)[Name]) as RareModules[Name];
}
