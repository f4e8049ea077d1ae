import type { AssignmentExpression, AwaitExpression, CallExpression, Expression, Node } from "oxc-parser";
import { bare } from "../syntax/bare.ts";
import { childrenOf } from "../syntax/children.ts";
import type { Condition, Order, Spill, Step } from "./order.ts";
import { isReference } from "../syntax/reference.ts";

/** What a branch depends on: that what was kept is true, false, or null or undefined. */
export interface Guard {
  readonly kept: number;
  readonly when: Condition["when"];
}

/** A variable that is read in front of a statement; `text` shows it in a message when it must be a function. */
export interface Read {
  readonly name: string;
  readonly kept: number;
  readonly text: string | null;
  readonly guards: readonly Guard[];
}

/** An await of a function that is re-entered. */
export interface Place {
  /** 1 for the first that is evaluated. */
  readonly number: number;
  /** In front of what stands here it is waited for: of its statement, or of the branch of a `return`. */
  readonly front: number;
  /** Nobody wants its value. */
  readonly alone: boolean;
  /** The way may lead to a later await of its statement. */
  readonly passed: boolean;
  /** What keeps its value while a later await of the same statement is waited for: a number for the variable; null for the last. */
  readonly kept: number | null;
  /** It is part of a template, which makes a string of it before what comes behind. */
  readonly asString: boolean;
  /** What is read right before. */
  readonly reads: readonly Read[];
  readonly guards: readonly Guard[];
  /** Something was evaluated before it, behind the same condition. */
  readonly isEntered: boolean;
  /** What is called in its statement, when it is the last there. */
  readonly named: readonly Read[];
  /** The loops over iterators around it, by what keeps them. */
  readonly loops: readonly number[];
}

/** An expression that is evaluated in front of its statement, and what keeps its value. */
export interface Moved {
  readonly kind: "value" | "string" | "elements" | "properties" | "called" | "updated";
  readonly kept: number;
  readonly front: number;
  readonly reads: readonly Read[];
  readonly guards: readonly Guard[];
  /** The await behind it, when nothing else of this statement is evaluated between that and the one before. */
  enters: Place | null;
  readonly call: CallExpression | null;
  readonly text: string | null;
  /** What keeps the object of a member, and its key, when these may change. */
  readonly object: Part | null;
  readonly key: Part | null;
}

/** A variable in whose place stands the value that it had; the name of a property may stand there, too. */
export interface Replaced {
  readonly kept: number;
  readonly shorthand: boolean;
}

/** A part of a member: the text that stands for it later, or what keeps it. */
export interface Part {
  readonly node: Expression;
  readonly kept: number | null;
}

/** What is written in front of a statement, or of a branch. */
export interface Front {
  /** What stands first. */
  readonly start: number;
  /** Constants around the statement, by name: what its functions were when they were read. */
  readonly named: readonly Read[];
}

/** Values that a function keeps while a statement goes on; the next statement has the same variables. */
export class Temporaries {
  #used = 0;
  most = 0;

  take(): number {
    this.most = Math.max(this.most, this.#used + 1);
    return this.#used++;
  }

  /** Gives back what `work` takes. */
  within<T>(work: () => T): T {
    const used = this.#used;
    const result = work();
    this.#used = used;
    return result;
  }
}

/** What is done in front of the statements of a function. */
export class Steps {
  readonly places: Map<AwaitExpression, Place> = new Map();
  readonly moved: Map<Node, Moved> = new Map();
  readonly replaced: Map<Node, Replaced> = new Map();
  readonly compounds: Map<AssignmentExpression, Moved | Read> = new Map();
  readonly fronts: Map<Node, Front> = new Map();
  count = 0;
  readonly #code: string;
  readonly #temporaries: Temporaries;

  constructor(code: string, temporaries: Temporaries) {
    this.#code = code;
    this.#temporaries = temporaries;
  }

  /** Plans what is done in front of `holder`; false when it cannot be done there. `passed`: its last await may be passed by. */
  plan(holder: Node, order: Order, front: number, passed: boolean, loops: readonly number[]): boolean {
    if (order.fails || order.steps.at(-1)?.kind !== "await") return false;
    return this.#temporaries.within(() =>
      new Walk(this, holder, order, front, this.#code, this.#temporaries).walk(passed, loops),
    );
  }
}

/** The way along what is done in front of one statement. */
class Walk {
  readonly #plan: Steps;
  readonly #holder: Node;
  readonly #order: Order;
  readonly #code: string;
  readonly #temporaries: Temporaries;
  /** What keeps the value of a step. */
  readonly #kept = new Map<Step, number>();
  readonly #named: Read[] = [];
  /** Where things are moved to. */
  #front: number;
  /** Where the last thing ends. */
  #from: number;
  #start: number | null = null;
  #reads: Read[] = [];
  /** The first that was moved since the last await. */
  #first: Moved | null = null;

  constructor(plan: Steps, holder: Node, order: Order, front: number, code: string, temporaries: Temporaries) {
    this.#plan = plan;
    this.#holder = holder;
    this.#order = order;
    this.#front = this.#from = front;
    this.#code = code;
    this.#temporaries = temporaries;
  }

  walk(passed: boolean, loops: readonly number[]): boolean {
    for (const step of this.#order.steps) {
      const goesOn =
        step.kind === "await"
          ? this.#await(step, passed, loops)
          : step.kind === "named"
            ? this.#name(step)
            : step.node.type === "Identifier" && step.kind !== "string"
              ? this.#read(step, step.node.name)
              : this.#move(step);
      if (!goesOn) return false;
    }
    this.#plan.fronts.set(this.#holder, { start: this.#start!, named: this.#named });
    return true;
  }

  #await(step: Step & { kind: "await" }, passed: boolean, loops: readonly number[]): boolean {
    const { node, asString } = step;
    const alone = this.#holder.type === "ExpressionStatement" && this.#holder.expression === node;
    if (!alone && (node.start === this.#front || !this.#follows(node.start, node.argument.start))) return false;
    const isLast = step === this.#order.steps.at(-1);
    const place: Place = {
      number: ++this.#plan.count,
      front: this.#front,
      alone,
      passed: passed || !isLast,
      kept: isLast ? null : this.#keep(step),
      asString,
      reads: this.#takeReads(),
      guards: this.#guards(step),
      isEntered: this.#first !== null,
      named: isLast ? this.#named : [],
      loops,
    };
    this.#plan.places.set(node, place);
    if (this.#first !== null) this.#first.enters = place;
    this.#first = null;
    this.#start ??= node.start;
    this.#from = node.argument.end;
    return true;
  }

  /** It keeps its name, in a constant around the statement, if nothing else in that bears it. */
  #name(step: Spill & { kind: "named" }): boolean {
    const { node, text } = step;
    const { name } = node;
    const { steps } = this.#order;
    const alone = steps.every((other) => other === step || other.kind !== "named" || other.node.name !== name);
    const apart = steps.filter(({ kind }) => kind !== "named" && kind !== "updated").map((other) => other.node);
    const keepsName = alone && !mentions(this.#holder, name, new Set([...apart, node]));
    if (!keepsName && text === null) return false;
    const read: Read = { name, kept: this.#keep(step), text: keepsName ? null : text, guards: this.#guards(step) };
    this.#reads.push(read);
    if (keepsName) this.#named.push(read);
    else this.#plan.replaced.set(node, { kept: read.kept, shorthand: false });
    return true;
  }

  #read(step: Spill, name: string): boolean {
    const read: Read = { name, kept: this.#keep(step), text: null, guards: this.#guards(step) };
    this.#reads.push(read);
    if (step.kind === "updated") this.#plan.compounds.set(step.assignment, read);
    else this.#plan.replaced.set(step.node, { kept: read.kept, shorthand: step.kind === "shorthand" });
    return true;
  }

  #move(step: Exclude<Spill, { kind: "named" }>): boolean {
    const { node } = step;
    // What begins the statement stays, and what is behind it is moved behind it.
    const stays = this.#start === null && node.start === this.#front;
    if (!stays && !this.#follows(node.start, node.start)) return false;
    if (stays) this.#front = step.kind === "called" ? node.end - 1 : node.end;
    const moved = this.#moved(step);
    this.#plan.moved.set(node, moved);
    if (step.kind === "updated") this.#plan.compounds.set(step.assignment, moved);
    this.#start ??= node.start;
    this.#first ??= moved;
    this.#from = node.end;
    return true;
  }

  #moved(step: Exclude<Spill, { kind: "named" }>): Moved {
    const { kind, node } = step;
    let [object, key]: (Part | null)[] = [null, null];
    if (kind === "called" && step.receiver !== null) object = this.#part(step.receiver);
    if (kind === "updated" && node.type === "MemberExpression") {
      object = this.#part(node.object);
      if (node.computed) key = this.#part(node.property as Expression);
    }
    return {
      kind: kind === "shorthand" ? "value" : kind,
      kept: this.#keep(step),
      front: this.#front,
      reads: this.#takeReads(),
      guards: this.#guards(step),
      enters: null,
      call: kind === "called" ? step.call : null,
      text: kind === "called" ? step.text : null,
      object,
      key,
    };
  }

  #part(node: Expression): Part {
    const { type } = bare(node);
    const stays =
      (type === "Identifier" || type === "ThisExpression" || type === "Literal") && this.#order.isInert(node);
    return { node, kept: stays ? null : this.#temporaries.take() };
  }

  #keep(step: Step): number {
    const kept = this.#temporaries.take();
    this.#kept.set(step, kept);
    return kept;
  }

  #guards({ conditions }: Step): readonly Guard[] {
    return conditions.map(({ step, when }) => ({ kept: this.#kept.get(step)!, when }));
  }

  #takeReads(): readonly Read[] {
    const reads = this.#reads;
    this.#reads = [];
    return reads;
  }

  /** Whether what stands at `start` can be moved behind what was moved before: it stays on its line. */
  #follows(start: number, end: number): boolean {
    return this.#from <= start && !/[\n\r\u2028\u2029]/.test(this.#code.slice(this.#from, end));
  }
}

/** Whether a name stands for a variable in what stays of a statement. */
function mentions(node: Node, name: string, apart: ReadonlySet<Node>, parent?: Node): boolean {
  if (apart.has(node)) return false;
  if (node.type === "Identifier" && node.name === name && isReference(node, parent)) return true;
  return childrenOf(node).some((child) => mentions(child, name, apart, node));
}
