import type { Directive, Node, Statement } from "oxc-parser";
import { isDirective } from "./select.ts";

/** A statement list that is being visited, and what is to be written at its beginning. */
export class Scope {
  readonly node: Node;
  readonly body: readonly (Directive | Statement)[];
  /** Variables introduced by the compiler live here rather than in a scope around it: it is the body of a function, or the module. */
  readonly isBody: boolean;
  /** An `await using` of a compiled function stands directly in this list. */
  readonly disposes: boolean;
  readonly marks: string[] = [];
  readonly variables: string[] = [];

  constructor(node: Node, body: Scope["body"], options: { isBody: boolean; disposes: boolean }) {
    this.node = node;
    this.body = body;
    this.isBody = options.isBody;
    this.disposes = options.disposes;
  }

  /** Where code may be put that runs first: in front of the first statement that is no directive. */
  get start(): number | undefined {
    return this.body.find((statement) => !isDirective(statement))?.start;
  }

  /** The same, at the end of what comes before; of a block. */
  get behindDirectives(): number {
    return this.body.findLast(isDirective)?.end ?? this.node.start + 1;
  }
}

/** Says whether a statement list holds an `await using` declaration itself. */
export function disposesAsync(body: Scope["body"]): boolean {
  return body.some((statement) => statement.type === "VariableDeclaration" && statement.kind === "await using");
}

/** Says whether a statement list holds a `using` declaration of either kind itself. */
export function disposes(body: Scope["body"]): boolean {
  return body.some((statement) => statement.type === "VariableDeclaration" && statement.kind.endsWith("using"));
}
