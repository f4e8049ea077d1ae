import type { Reentry } from "./reentry/reentry.ts";
import type { ArrowFunctionExpression, Class, Function, Node } from "oxc-parser";

/** A function as the parser gives it: a declaration, an expression, the value of a method, or an arrow. */
export type AnyFunction = Function | ArrowFunctionExpression;

/** What a cancellation has to do with a suspended frame, see `coro` of the runtime: drop it, close it, throw into it. */
export const DROP = 1;
export const CLOSE = 2;
export const THROW = 0;
export type Cleanup = typeof DROP | typeof CLOSE | typeof THROW;

/** Something that notices when the frame is left while it waits: a try statement, a loop's open iterator, a `using` block. */
export interface Region {
  readonly cleanup: typeof CLOSE | typeof THROW;
  /** A `return` out of this region waits for its value after the region is left. */
  readonly returns: boolean;
}

/** What an arrow takes from the function around it, passed in under another name because a generator has its own. */
export interface Borrowed {
  arguments?: string;
  newTarget?: string;
  superProperty?: string;
  superCall?: string;
  thisValue?: string;
}

/**
 * What owns `this` and `await`: the module, a function, or the initializer of a class field (static blocks too).
 * One frame lies on the stack for each that is being visited.
 */
export class Frame {
  readonly kind: "module" | "function" | "arrow" | "initializer";
  readonly node: Node;
  /** The function becomes a coroutine. */
  readonly compiled: boolean;
  /** "native async" holds here and in all that is inside. */
  readonly native: boolean;
  /** The class whose constructor this is, when it extends another. */
  readonly derivedClass: Class | undefined;
  /** An arrow that waits at most for what it gives, and stays an arrow. */
  readonly tail: boolean;
  /** How it is compiled when it is called again to go on. */
  readonly reentry: Reentry | null;
  /** The private method that does the work of this one. */
  readonly beside: string | undefined;
  readonly regions: Region[] = [];
  readonly borrowed: Borrowed = {};
  cleanup: Cleanup = DROP;
  usesThis = false;
  usesArguments = false;
  usesSuper = false;
  usesOwnName = false;
  /** The variable through which values of `enter` pass is needed. */
  usesTemporary = false;
  /** Some `return` waits for its value behind the labelled block around the body. */
  usesReturnBlock = false;

  constructor(
    kind: Frame["kind"],
    node: Node,
    options: {
      compiled: boolean;
      native: boolean;
      derivedClass?: Class | undefined;
      tail?: boolean;
      reentry?: Reentry | null;
      beside?: string | undefined;
    },
  ) {
    this.kind = kind;
    this.node = node;
    this.compiled = options.compiled;
    this.native = options.native;
    this.derivedClass = options.derivedClass;
    this.tail = options.tail ?? false;
    this.reentry = options.reentry ?? null;
    this.beside = options.beside;
    if (this.reentry !== null) this.cleanup = this.reentry.cleanup;
  }

  /** Notes that the frame may be suspended here. */
  suspends(): void {
    for (const { cleanup } of this.regions) {
      if (cleanup === THROW) this.cleanup = THROW;
      else if (this.cleanup === DROP) this.cleanup = CLOSE;
    }
  }

  /** Says whether a `return` here leaves something that must be closed before its value is waited for. */
  get returnsThroughRegion(): boolean {
    return this.regions.some((region) => region.returns);
  }
}
