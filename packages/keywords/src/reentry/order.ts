import type {
  AssignmentExpression,
  AwaitExpression,
  CallExpression,
  Expression,
  IdentifierReference,
  NewExpression,
  Node,
  ObjectProperty,
  SpreadElement,
} from "oxc-parser";
import { renderedCallee } from "./rendered-callee.ts";
import { bare } from "../syntax/bare.ts";

/** What is evaluated before an await behind it, and is kept while that is waited for. */
export type Spill = Conditional &
  (
    | {
        /** Its value; the same as a string; the elements or the properties that `...` gives; the value of a property `{ x }`. */
        readonly kind: "value" | "string" | "elements" | "properties" | "shorthand";
        readonly node: Node;
      }
    | {
        /** A function or class that is called by its name. */
        readonly kind: "named";
        readonly node: IdentifierReference;
        /** How messages show it; null where that cannot be another name's work. */
        readonly text: string | null;
      }
    | {
        /** A function that is called, with what it is called on. */
        readonly kind: "called";
        readonly node: Expression;
        readonly call: CallExpression;
        readonly receiver: Expression | null;
        readonly text: string;
      }
    | {
        /** `x.y += await e`: the value that it had. */
        readonly kind: "updated";
        readonly node: Node;
        readonly assignment: AssignmentExpression;
      }
  );

/** What is done in front of a statement, one after the other. */
export type Step =
  | Spill
  | (Conditional & { readonly kind: "await"; readonly node: AwaitExpression; readonly asString: boolean });

/** It is done only in some branch. */
interface Conditional {
  readonly conditions: readonly Condition[];
}

/** What a branch depends on: that the value of a step is true, false, or null or undefined. */
export interface Condition {
  readonly step: Step;
  readonly when: "true" | "false" | "nullish";
}

type WithoutConditions<T> = T extends Conditional ? Omit<T, "conditions"> : never;

/** What is evaluated behind the value that is assigned to it, but for the parts of a member. */
const TARGETS = new Set(["Identifier", "ArrayPattern", "ObjectPattern", "MemberExpression"]);

/**
 * Finds the awaits of an expression in the order in which they are evaluated, and what is evaluated before them: they are
 * waited for in front of the statement, and what came before is kept where it may change meanwhile or does something.
 */
export class Order {
  /** Says whether a variable keeps its value while something else is waited for. */
  readonly #keeps: (name: string) => boolean;
  readonly #holdsAwait: (node: Node) => boolean;
  readonly steps: Step[] = [];
  /** What is to be kept if an await comes behind it. */
  #pending: Spill[] = [];
  #conditions: readonly Condition[] = [];
  /** Something has been evaluated that cannot be kept. */
  #fixed = false;
  /** Some await cannot be waited for in front. */
  fails = false;

  constructor(keeps: (name: string) => boolean, holdsAwait: (node: Node) => boolean) {
    this.#keeps = keeps;
    this.#holdsAwait = holdsAwait;
  }

  /** `printed`: a message may show the text of what is called here. */
  see(node: Node, kind: "value" | "string" = "value", printed: boolean = false): void {
    if (!this.#holdsAwait(node)) return this.#seeWhole(node, kind);
    switch (node.type) {
      case "AwaitExpression":
        return this.#seeAwait(node, kind === "string");
      case "ParenthesizedExpression":
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
        return this.see(node.expression, kind, printed);
      case "ArrayExpression":
        for (const element of node.elements) {
          if (element?.type === "SpreadElement") this.#seeSpread(element, "elements");
          else if (element !== null) this.see(element, "value", printed);
        }
        if (kind === "value") return;
        break;
      case "ObjectExpression":
        for (const property of node.properties) {
          if (property.type === "SpreadElement") this.#seeSpread(property, "properties");
          else this.#seeProperty(property);
        }
        if (kind === "value") return;
        break;
      case "TemplateLiteral":
        for (const expression of node.expressions) this.see(expression, "string", printed);
        return;
      case "UnaryExpression":
        this.see(node.argument, "value", printed);
        break;
      case "BinaryExpression":
        this.see(node.left, "value", printed);
        this.see(node.right, "value", printed);
        break;
      case "SequenceExpression":
        for (const expression of node.expressions) this.see(expression);
        if (kind === "value") return;
        break;
      case "LogicalExpression":
        if (!this.#holdsAwait(node.right)) this.see(node.left, "value", printed);
        else {
          const when = node.operator === "&&" ? "true" : node.operator === "||" ? "false" : "nullish";
          this.#seeBranches(node.left, [[node.right, when]], printed);
          if (kind === "value") return;
        }
        break;
      case "ConditionalExpression":
        if (!this.#holdsAwait(node.consequent) && !this.#holdsAwait(node.alternate)) this.see(node.test);
        else {
          const branches = [[node.consequent, "true"] as const, [node.alternate, "false"] as const];
          this.#seeBranches(node.test, branches, printed);
          if (kind === "value") return;
        }
        break;
      case "CallExpression":
      case "NewExpression":
        this.#seeCall(node, printed);
        break;
      case "MemberExpression":
        if (node.optional) this.fails = true;
        this.see(node.object, "value", printed);
        if (node.computed) this.see(node.property, "value", printed);
        break;
      case "AssignmentExpression":
        this.#seeAssignment(node);
        break;
      default:
        this.fails = true;
    }
    this.#fixed = true;
  }

  /** `x += await e` as a statement. */
  seeUpdate(node: AssignmentExpression): void {
    const { left, right } = node;
    if (left.type !== "Identifier" || !this.#keeps(left.name))
      this.#keep({ kind: "updated", node: left, assignment: node });
    this.see(right);
  }

  #keep(spill: WithoutConditions<Spill>): void {
    this.#pending.push({ ...spill, conditions: this.#conditions } as Spill);
  }

  /** What is kept of a branch is chosen from where the expression stands. */
  #seeBranches(
    test: Expression,
    branches: readonly (readonly [Expression, Condition["when"]])[],
    printed: boolean,
  ): void {
    if (this.#holdsAwait(test)) this.see(test);
    else this.#keep({ kind: "value", node: test });
    const step = this.#holdsAwait(test) ? this.steps.at(-1) : this.#pending.at(-1);
    // What is done with an awaited value before the branches has no name.
    if (step === undefined || bare(step.node as Expression) !== bare(test)) return void (this.fails = true);
    const [before, around] = [this.#fixed, this.#conditions];
    let fixed = before;
    // What is evaluated in one branch is not before an await of the other.
    const apart: Spill[] = [];
    for (const [branch, when] of branches) {
      const condition: Condition = { step, when };
      this.#fixed = before;
      this.#conditions = [...around, condition];
      this.see(branch, "value", printed);
      fixed ||= this.#fixed;
      apart.push(...this.#pending.filter(({ conditions }) => conditions.includes(condition)));
      this.#pending = this.#pending.filter(({ conditions }) => !conditions.includes(condition));
    }
    this.#pending.push(...apart);
    this.#conditions = around;
    this.#fixed = fixed;
  }

  #seeWhole(node: Node, kind: "value" | "string"): void {
    if (kind === "string" ? node.type === "Literal" : this.isInert(node)) return;
    if (node.type === "SequenceExpression" || node.type === "PrivateIdentifier") this.#fixed = true;
    else this.#keep({ kind, node });
  }

  /** Whether nobody can notice when an expression is evaluated. */
  isInert(node: Node): boolean {
    switch (node.type) {
      case "Literal":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
      case "ThisExpression":
      case "Super":
        return true;
      case "Identifier":
        return this.#keeps(node.name);
      case "ParenthesizedExpression":
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
        return this.isInert(node.expression);
      case "UnaryExpression":
        return node.argument.type === "Literal";
      case "TemplateLiteral":
        return node.expressions.length === 0;
      case "ArrayExpression":
        return node.elements.every((element) => element === null || this.isInert(element));
      case "ObjectExpression":
        return node.properties.every(
          (property) => property.type === "Property" && !property.computed && this.isInert(property.value),
        );
      default:
        return false;
    }
  }

  #seeAwait(node: AwaitExpression, asString: boolean): void {
    if (this.#fixed || this.#holdsAwait(node.argument)) this.fails = true;
    this.steps.push(...this.#pending, { kind: "await", node, asString, conditions: this.#conditions });
    this.#pending = [];
  }

  #seeSpread(node: SpreadElement, kind: "elements" | "properties"): void {
    if (!this.#holdsAwait(node)) return void this.#keep({ kind, node });
    this.see(node.argument, "value", true);
    this.#fixed = true;
  }

  #seeProperty(node: ObjectProperty): void {
    const { key, value, computed, shorthand } = node;
    if (computed) {
      this.see(key);
      // It becomes the key of a property before the value is evaluated.
      if (key.type !== "Literal" && key.type !== "TemplateLiteral") this.#fixed = true;
    }
    if (!shorthand || this.isInert(value)) return this.see(value);
    if ((value as { name?: string }).name === "__proto__") this.#fixed = true;
    this.#keep({ kind: "shorthand", node: value });
  }

  #seeCall(node: CallExpression | NewExpression, printed: boolean): void {
    if (node.type === "CallExpression" && node.optional) this.fails = true;
    if (this.#holdsAwait(node.callee)) this.see(node.callee, "value", true);
    else this.#seeCallee(node, printed);
    for (const argument of node.arguments) {
      if (argument.type !== "SpreadElement") {
        this.see(argument);
        continue;
      }
      this.see(argument.argument);
      this.#fixed = true;
    }
  }

  #seeCallee(node: CallExpression | NewExpression, printed: boolean): void {
    const callee = bare(node.callee);
    if (this.isInert(callee)) return;
    const isNew = node.type === "NewExpression";
    const text = isNew || printed ? null : renderedCallee(callee);
    if (callee.type === "Identifier") return void this.#keep({ kind: "named", node: callee, text });
    if (isNew || text === null) return void (this.#fixed = true);
    if (callee.type === "MemberExpression" && callee.object.type !== "Super")
      this.#keep({ kind: "called", node: node.callee, call: node, receiver: callee.object, text });
    else if (callee.type === "CallExpression")
      this.#keep({ kind: "called", node: node.callee, call: node, receiver: null, text });
    else this.#fixed = true;
  }

  #seeAssignment({ left, right, operator }: AssignmentExpression): void {
    if (this.#holdsAwait(left) || operator !== "=" || !TARGETS.has(left.type)) this.fails = true;
    if (left.type === "MemberExpression") {
      // Its parts are evaluated before what is assigned; the assignment itself comes behind.
      this.see(left.object);
      if (left.computed) this.see(left.property);
    }
    this.see(right, "value", left.type === "ArrayPattern" || left.type === "ObjectPattern");
  }
}
