import type { GeneratorCoroutine } from "./coroutine.ts";

/** The frames left behind while the JavaScript stack unwinds: a chain from callee to caller. Empty whenever user code runs. */
export const unwound: { innermost: GeneratorCoroutine<any> | null; outermost: GeneratorCoroutine<any> | null } = {
  innermost: null,
  outermost: null,
};

/** They belong to a task now, or to nobody. */
export function forgetUnwound(): void {
  unwound.innermost = unwound.outermost = null;
}
