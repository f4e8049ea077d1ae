/**
 * What compiled code calls. Not for use by hand: it follows the transform of @tsyncio/keywords, version by version.
 *
 * @packageDocumentation
 */
export { SUSPEND } from "./coroutine/protocol.ts";
export { call, callTail, newCoroutine as coro, enter, tail } from "./coroutine/generator-coroutine.ts";
export {
  callFrame,
  callMethod,
  frame,
  frameMethod,
  handOn,
  leave,
  leaveMethod,
  methodFrame,
} from "./coroutine/reentered.ts";
export { callable, invoke } from "./coroutine/called.ts";
export { loop } from "./coroutine/loop.ts";
export { mark } from "./coroutine/marks.ts";
export { method } from "./coroutine/compiled.ts";
export { agen, agenMethod, emit } from "./coroutine/async-generator.ts";
export { delegate, iterate } from "./coroutine/iteration.ts";
export { disposal } from "./coroutine/disposal.ts";
