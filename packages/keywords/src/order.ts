import type { AssignmentExpression, AwaitExpression, Expression, Node } from "oxc-parser";

/** What is evaluated behind the value that is assigned to it, but for the parts of a member. */
const TARGETS = new Set(["Identifier", "ArrayPattern", "ObjectPattern", "MemberExpression"]);

/**
 * Finds the awaits of an expression in the order in which they are evaluated, where they can be waited for in front of the
 * statement: nothing that is evaluated before one of them, outside of what is awaited, may do anything or change meanwhile.
 */
export class Order {
  /** Says whether a variable keeps its value while something else is waited for. */
  readonly #keeps: (name: string) => boolean;
  readonly #holdsAwait: (node: Node) => boolean;
  readonly awaits: AwaitExpression[] = [];
  /** Something has been evaluated that must stay before what comes behind it. */
  #fixed = false;
  /** Some await cannot be waited for in front. */
  fails = false;

  constructor(keeps: (name: string) => boolean, holdsAwait: (node: Node) => boolean) {
    this.#keeps = keeps;
    this.#holdsAwait = holdsAwait;
  }

  see(node: Expression | Node): void {
    switch (node.type) {
      case "AwaitExpression":
        return this.#seeAwait(node);
      case "Literal":
      case "TemplateElement":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        return;
      case "Identifier":
        this.#fixed ||= !this.#keeps(node.name);
        return;
      case "ParenthesizedExpression":
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
        return this.see(node.expression);
      case "ArrayExpression":
        for (const element of node.elements) if (element !== null) this.see(element);
        return;
      case "ObjectExpression":
        for (const property of node.properties) this.see(property);
        return;
      case "Property":
        if (node.computed) this.#seeThenFix(node.key);
        return this.see(node.value);
      case "UnaryExpression":
        return this.#seeThenFix(node.argument);
      case "BinaryExpression":
        return this.#seeThenFix(node.left, node.right);
      case "TemplateLiteral":
        return this.#seeThenFix(...node.expressions);
      case "CallExpression":
      case "NewExpression":
        if (node.type === "CallExpression" && node.optional) break;
        return this.#seeThenFix(node.callee, ...node.arguments);
      case "MemberExpression":
        if (node.optional) break;
        return node.computed ? this.#seeThenFix(node.object, node.property) : this.#seeThenFix(node.object);
      case "AssignmentExpression":
        return this.#seeAssignment(node);
    }
    if (this.#holdsAwait(node)) this.fails = true;
    this.#fixed = true;
  }

  #seeThenFix(...nodes: readonly Node[]): void {
    for (const node of nodes) this.see(node);
    this.#fixed = true;
  }

  #seeAwait(node: AwaitExpression): void {
    if (this.#fixed) this.fails = true;
    // What is awaited is moved with the await: only what stands before an await in it stays behind.
    this.see(node.argument);
    this.#fixed = false;
    this.awaits.push(node);
  }

  #seeAssignment({ left, right, operator }: AssignmentExpression): void {
    if (this.#holdsAwait(left) || (this.#holdsAwait(right) && (operator !== "=" || !TARGETS.has(left.type))))
      this.fails = true;
    if (left.type === "MemberExpression") {
      // Its parts are evaluated before what is assigned; the assignment itself comes behind.
      this.see(left.object);
      if (left.computed) this.see(left.property);
    }
    this.#seeThenFix(right);
  }
}
