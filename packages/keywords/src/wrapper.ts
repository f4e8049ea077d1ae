import type { Compilation } from "./compilation.ts";
import { inSlots, THIS } from "./reentry/kept-variables.ts";
import { parametersOf } from "./reentry/parameters.ts";
import { tailGenerator } from "./tail.ts";
import type { AnyFunction, Frame } from "./frame.ts";

/**
 * The parameters and the body of the function that stands in place of a compiled one: `($0,$1=void 0){return coro(f$($0,$1),f$,1)}`.
 *
 * It takes as many parameters as the original, with the same `length`; defaults and patterns are left to the generator,
 * so that they are evaluated when the coroutine runs. `generator` is the expression that gives the generator function.
 */
export interface Wrapper {
  readonly parameters: string;
  readonly call: string;
}

export function wrapperOf(c: Compilation, frame: Frame, generator: string, style: "free" | "member"): Wrapper {
  const { names, parameters } = placesOf(frame.node as AnyFunction);
  if (frame.tail) return { parameters, call: `${c.rt("tail")}(${[generator, ...names].join(",")})` };
  const { reentry } = frame;
  if (reentry === null) return { parameters, call: wrap(c, frame, generator, callOf(frame, generator, names, style)) };
  const given = reentry.unpacks ? reentry.parameters.filter((name) => name !== THIS) : names;
  const usesThis = reentry.parameters[0] === THIS;
  const kept = inSlots(usesThis ? ["this", ...given] : given);
  return {
    parameters,
    call: `${c.rt(usesThis ? "methodFrame" : "frame")}(${[generator, frame.cleanup, ...kept].join(",")})`,
  };
}

/** The same for an arrow that stays one: `arrow` gives it, `self` the function that stands in its place. */
export function tailWrapperOf(c: Compilation, frame: Frame, arrow: string, self: string): Wrapper {
  const { names, parameters } = placesOf(frame.node as AnyFunction);
  return { parameters, call: wrap(c, frame, self, `${tailGenerator(c)}(()=>${arrow}(${names.join(",")}))`) };
}

function placesOf(node: AnyFunction): { names: readonly string[]; parameters: string } {
  const names: string[] = [];
  const parameters: string[] = [];
  let counted = true;
  for (const parameter of parametersOf(node)) {
    const name = `$${names.length}`;
    if (parameter.type === "RestElement") {
      names.push(`...${name}`);
      parameters.push(`...${name}`);
      continue;
    }
    counted &&= parameter.type !== "AssignmentPattern";
    names.push(name);
    parameters.push(counted ? name : `${name}=void 0`);
  }
  return { names, parameters: parameters.join(",") };
}

function callOf(frame: Frame, generator: string, names: readonly string[], style: "free" | "member"): string {
  if (style === "member") return `${generator}(${frame.usesArguments ? "...arguments" : names.join(",")})`;
  if (frame.usesArguments) return `${generator}.apply(this,arguments)`;
  if (frame.usesThis) return `${generator}.call(${["this", ...names].join(",")})`;
  return `${generator}(${names.join(",")})`;
}

function wrap(c: Compilation, frame: Frame, generator: string, call: string): string {
  const make = (frame.node as AnyFunction).generator ? "agen" : "coro";
  return `${c.rt(make)}(${call},${generator},${frame.cleanup})`;
}
