import type {
  AssignmentExpression,
  AwaitExpression,
  BlockStatement,
  Expression,
  ForOfStatement,
  Node,
  Program,
  ReturnStatement,
  TryStatement,
  VariableDeclaration,
} from "oxc-parser";
import type { AnyFunction, Cleanup } from "../frame.ts";
import { plan } from "./plan.ts";
import type { Front, Moved, Place, Read, Replaced } from "./steps.ts";
import { steadyNames } from "./steady-names.ts";

/** A `catch` clause with awaits: it becomes a statement behind its `try`, which is entered again without the error. */
export interface Handler {
  /** The awaits up to this one stand in front of it. */
  readonly before: number;
  /** What keeps the error, when it has a name. */
  readonly kept: number | null;
}

/** How a condition is passed when the way leads to an await behind it. */
export type Way = "in" | "else" | number;

/** What a function that is called again is called with. */
export interface ReentryCall {
  /** THIS, where it uses that, and its parameters. */
  readonly parameters: readonly string[];
  /** What parameters have when they are not given. */
  readonly defaults: readonly { readonly name: string; readonly value: Expression }[];
  /** Its parameters are patterns, or have defaults that only the call knows: they get their values when the function is called. */
  readonly unpacks: boolean;
}

/**
 * A function that is called again to go on. Every statement stays where it is; what lies before the await where it waits is
 * passed by when it is called again, and what holds that await is entered again, `try` blocks and loops too.
 *
 *     async function f(n) { for (let i = 0; i < n; i++) { a(i); await g(i); } }   →
 *     function f$($F,n,$h){let $at=0,…;if($F!==undefined){$at=$F.place;n=$F.s0;i=$F.s1}
 *       for ($at===0&&(i = 0); $at!==0||(i < n); i++) { if($at===0){a(i);} {if($at===0){if(enter(g(i))===SUSPEND)return leave($F,f$,1,1,n,i)}else $at=0;} } }
 */
export interface Reentry extends ReentryCall {
  /** What it keeps while it waits, the parameters first. */
  readonly variables: readonly string[];
  /** Those of them that are functions which its body declares. */
  readonly functions: readonly string[];
  /** How many values it keeps besides. */
  readonly temporaries: number;
  readonly cleanup: Cleanup;
  readonly places: ReadonlyMap<AwaitExpression, Place>;
  /** Expressions that are evaluated in front of their statement. */
  readonly moved: ReadonlyMap<Node, Moved>;
  /** Variables in whose place stands the value that they had: which of the kept values, and whether its name is the key of a property. */
  readonly replaced: ReadonlyMap<Node, Replaced>;
  /** What holds awaits itself. */
  readonly fronts: ReadonlyMap<Node, Front>;
  /** What is passed by when the way leads to a later await than this one. */
  readonly passed: ReadonlyMap<Node, number>;
  /** Statements without an await that are passed by together: the first, and the last. */
  readonly firsts: ReadonlySet<Node>;
  readonly lasts: ReadonlySet<Node>;
  readonly conditions: ReadonlyMap<Node, Way>;
  /** What is done once when a loop begins. */
  readonly beginnings: ReadonlySet<Node>;
  /** Declarations that became assignments. */
  readonly declarations: ReadonlySet<VariableDeclaration>;
  /** Those whose parts wait: each becomes a statement. */
  readonly severed: ReadonlySet<VariableDeclaration>;
  /** `return c ? a : b` where a branch waits. */
  readonly choices: ReadonlySet<ReturnStatement>;
  /** `x += await e`: what keeps the value that x had. */
  readonly compounds: ReadonlyMap<AssignmentExpression, Moved | Read>;
  /** Loops over iterators, and which of the kept values is theirs. */
  readonly iterations: ReadonlyMap<ForOfStatement, number>;
  /** What must not run when the function leaves to wait. */
  readonly finalizers: ReadonlySet<BlockStatement>;
  readonly handlers: ReadonlyMap<TryStatement, Handler>;
}

/** Which async functions of a file are re-entered; all others that wait are generators. */
export class Reentries {
  readonly #program: Program;
  readonly #code: string;
  readonly #known = new Map<AnyFunction, Reentry | null>();
  #steady: ReadonlySet<string> | undefined;

  constructor(program: Program, code: string) {
    this.#program = program;
    this.#code = code;
  }

  of(node: AnyFunction): Reentry | null {
    let reentry = this.#known.get(node);
    if (reentry === undefined) this.#known.set(node, (reentry = this.#plan(node)));
    return reentry;
  }

  #plan(node: AnyFunction): Reentry | null {
    if (!node.async || node.generator || node.body === null) return null;
    if ((node.id === null) === (node.type === "FunctionDeclaration")) return null;
    this.#steady ??= steadyNames(this.#program);
    return plan(node, node.body, this.#code, this.#steady);
  }
}
