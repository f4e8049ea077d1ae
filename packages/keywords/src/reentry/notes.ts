import type {
  BlockStatement,
  ForOfStatement,
  Node,
  ReturnStatement,
  TryStatement,
  VariableDeclaration,
} from "oxc-parser";
import type { Handler, Reentry, Way } from "./reentry.ts";

/** What is noted of the statements of a function on the way through them, see `Reentry`. */
export class Notes implements Partial<Reentry> {
  readonly passed: Map<Node, number> = new Map();
  readonly firsts: Set<Node> = new Set();
  readonly lasts: Set<Node> = new Set();
  readonly conditions: Map<Node, Way> = new Map();
  readonly beginnings: Set<Node> = new Set();
  readonly declarations: Set<VariableDeclaration> = new Set();
  readonly severed: Set<VariableDeclaration> = new Set();
  readonly choices: Set<ReturnStatement> = new Set();
  readonly iterations: Map<ForOfStatement, number> = new Map();
  readonly finalizers: Set<BlockStatement> = new Set();
  readonly handlers: Map<TryStatement, Handler> = new Map();
}
