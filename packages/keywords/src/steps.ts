import type { AssignmentExpression, AwaitExpression, CallExpression, Expression, Node } from "oxc-parser";
import { bare } from "./bare.ts";
import { childrenOf } from "./children.ts";
import type { Order, Spill, Step } from "./order.ts";
import { isReference } from "./reference.ts";

/** A variable that is read in front of a statement; `text` shows it in a message when it must be a function. */
export interface Read {
  readonly name: string;
  readonly kept: number;
  readonly text: string | null;
}

/** An await of a function that is re-entered. */
export interface Place {
  /** 1 for the first that is evaluated. */
  readonly number: number;
  /** In front of what stands here it is waited for: of its statement, or of the branch of a `return`. */
  readonly front: number;
  /** Nobody wants its value. */
  readonly alone: boolean;
  /** What keeps its value while a later await of the same statement is waited for: a number for the variable; null for the last. */
  readonly kept: number | null;
  /** It is part of a template, which makes a string of it before what comes behind. */
  readonly asString: boolean;
  /** What is read right before. */
  readonly reads: readonly Read[];
  /** Something was evaluated before it, behind the same condition. */
  readonly isEntered: boolean;
  /** What is called in its statement, when it is the last there. */
  named: readonly Read[];
  /** The loops over iterators around it, by what keeps them. */
  readonly loops: readonly number[];
}

/** An expression that is evaluated in front of its statement, and what keeps its value. */
export interface Moved {
  readonly kind: "value" | "string" | "elements" | "properties" | "called" | "updated";
  readonly kept: number;
  readonly front: number;
  readonly reads: readonly Read[];
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
  /** Variables in whose place stands what they were. */
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

  /** Plans what is done in front of `holder`; false when it cannot be done there. */
  plan(holder: Node, order: Order, front: number, loops: readonly number[]): boolean {
    return this.#temporaries.within(() => this.#plan(holder, order, front, loops));
  }

  #plan(holder: Node, order: Order, front: number, loops: readonly number[]): boolean {
    const { steps } = order;
    const last = steps.at(-1);
    if (order.fails || last?.kind !== "await") return false;
    const named: Read[] = [];
    const untouched = untouchedIn(steps);
    let start: number | null = null;
    let from = front;
    let reads: Read[] = [];
    let first: Moved | null = null;
    for (const step of steps) {
      if (step.kind === "await") {
        const { node } = step;
        const alone = holder.type === "ExpressionStatement" && holder.expression === node;
        if (!alone && (node.start === front || !this.#follows(from, node.start, node.argument.start))) return false;
        const kept = step === last ? null : this.#temporaries.take();
        const number = ++this.count;
        const isEntered = first !== null;
        const place: Place = {
          number,
          front,
          alone,
          kept,
          asString: step.asString,
          reads,
          isEntered,
          named: [],
          loops,
        };
        if (first !== null) first.enters = place;
        this.places.set(node, place);
        start ??= node.start;
        from = node.argument.end;
        reads = [];
        first = null;
        continue;
      }
      const { node } = step;
      if (step.kind === "named") {
        const clear = steps.every(
          (other) => other === step || other.kind !== "named" || other.node.name !== step.node.name,
        );
        const read = { name: step.node.name, kept: this.#temporaries.take() };
        if (clear && !mentions(holder, read.name, new Set([...untouched, node]))) {
          reads.push({ ...read, text: null });
          named.push({ ...read, text: null });
        } else {
          if (step.text === null) return false;
          reads.push({ ...read, text: step.text });
          this.replaced.set(node, { kept: read.kept, shorthand: false });
        }
        continue;
      }
      if (
        node.type === "Identifier" &&
        (step.kind === "value" || step.kind === "shorthand" || step.kind === "updated")
      ) {
        const read = { name: node.name, kept: this.#temporaries.take(), text: null };
        reads.push(read);
        if (step.kind === "updated") this.compounds.set(step.assignment, read);
        else this.replaced.set(node, { kept: read.kept, shorthand: step.kind === "shorthand" });
        continue;
      }
      const stays = start === null && node.start === front;
      if (!stays && !this.#follows(from, node.start, node.start)) return false;
      if (stays) front = step.kind === "called" ? node.end - 1 : node.end;
      const moved = this.#move(step as Exclude<Spill, { kind: "named" }>, order, front, reads);
      this.moved.set(node, moved);
      if (step.kind === "updated") this.compounds.set(step.assignment, moved);
      start ??= node.start;
      first ??= moved;
      from = node.end;
      reads = [];
    }
    this.places.get(last.node)!.named = named;
    this.fronts.set(holder, { start: start!, named });
    return true;
  }

  /** Whether what stands at `start` can be moved behind what ends at `from`: it stays on its line. */
  #follows(from: number, start: number, end: number): boolean {
    return from <= start && !/[\n\r\u2028\u2029]/.test(this.#code.slice(from, end));
  }

  #move(step: Exclude<Spill, { kind: "named" }>, order: Order, front: number, reads: readonly Read[]): Moved {
    const kind = step.kind === "shorthand" ? "value" : step.kind;
    const call = step.kind === "called" ? step.call : null;
    const text = step.kind === "called" ? step.text : null;
    let [object, key]: (Part | null)[] = [null, null];
    if (step.kind === "called" && step.receiver !== null) object = this.#part(step.receiver, order);
    if (step.kind === "updated" && step.node.type === "MemberExpression") {
      object = this.#part(step.node.object, order);
      if (step.node.computed) key = this.#part(step.node.property as Expression, order);
    }
    return { kind, kept: this.#temporaries.take(), front, reads, enters: null, call, text, object, key };
  }

  #part(node: Expression, order: Order): Part {
    const { type } = bare(node);
    const stays = (type === "Identifier" || type === "ThisExpression" || type === "Literal") && order.isInert(node);
    return { node, kept: stays ? null : this.#temporaries.take() };
  }
}

/** What does not stay in the statement. */
function untouchedIn(steps: readonly Step[]): readonly Node[] {
  return steps.flatMap((step) => (step.kind === "named" ? [] : step.kind === "updated" ? [] : [step.node]));
}

/** Whether a name stands for a variable in what stays of a statement. */
function mentions(node: Node, name: string, apart: ReadonlySet<Node>, parent?: Node): boolean {
  if (apart.has(node)) return false;
  if (node.type === "Identifier" && node.name === name && isReference(node, parent)) return true;
  return childrenOf(node).some((child) => mentions(child, name, apart, node));
}
