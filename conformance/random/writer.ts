import { ENDS, type Fn, type Node, type Setting } from "./program-tree.ts";
import type { Random } from "./random.ts";
import { statement } from "./statements/statement.ts";

/** What a program may be about; `cancel`, tasks and sleeps are in every one. */
export const TOPICS = [
  "lock",
  "semaphore",
  "event",
  "condition",
  "barrier",
  "queue",
  "future",
  "gather",
  "wait",
  "completed",
  "wait_for",
  "shield",
  "timeout",
  "group",
  "callback",
  "stream",
  "context",
  "eager",
  "message",
] as const;
export type Topic = (typeof TOPICS)[number];

/** Names of functions. `e` is what handlers catch. */
const LETTERS = [..."abcdfghijklmnopqrstuvwyz"];

/** Where a statement stands. */
export interface Scope {
  /** The function. */
  readonly fn: string;
  /** A task waits only for tasks with a higher number: none wait for each other in a circle. `main` is -1. */
  readonly number: number;
  /** False in callbacks. */
  readonly waits: boolean;
  /** Whether `return` leaves the function: not in the body of a scope, which is a function in TypeScript. */
  readonly returns: boolean;
  /** Whether there is a loop to break. */
  readonly loops: boolean;
  /** Whether it may run more than once. */
  readonly repeats: boolean;
  readonly depth: number;
  /** What surely exists here, as `task b`; anything else is asked for first. */
  readonly certain: Set<string>;
  /** The primitives that are held here. */
  readonly holds: readonly string[];
}

/** Writes the functions of one program. */
export class Writer {
  readonly random: Random;
  readonly topics: ReadonlySet<Topic>;
  /** Primitives that are only released by leaving the block that took them. */
  readonly tidy: ReadonlySet<string>;
  /** Whether many tasks do little but get in each other's way; otherwise they call and make others. */
  readonly crowd: boolean;
  readonly functions: Fn[] = [];
  /** Names that some statement declares: `task b`. */
  readonly declared: string[] = [];
  /** What is there in every function: what main makes before any other function runs. */
  readonly lasting: Set<string> = new Set();
  /** How many more statements the task that is written may have. */
  left = 1;
  #letters = 0;
  /** How often a sleep only gives way. Those of most programs do: it is where tasks get into each other's way. */
  readonly #haste: number;
  readonly #labels = new Map<string, number>();
  /** Where messages are told: tasks that have their reader. */
  readonly #read = new Set<string>();

  constructor(random: Random, topics: ReadonlySet<Topic>, tidy: ReadonlySet<string>) {
    this.random = random;
    this.topics = topics;
    this.tidy = tidy;
    this.crowd = random.chance(0.5);
    this.#haste = this.crowd ? 0.95 : random.pick([0.3, 0.6, 0.9]);
  }

  /** The next label of a function: `a1`, `a2`. */
  label({ fn }: Scope): string {
    const number = (this.#labels.get(fn) ?? 0) + 1;
    this.#labels.set(fn, number);
    return `${fn}${number}`;
  }

  /** A name for a function or a task, and its number; undefined when there are enough, or deep inside. */
  letter(depth?: number): { name: string; number: number } | undefined {
    const number = this.#letters;
    if (number >= LETTERS.length || this.left <= 0) return undefined;
    if (this.random.chance(this.crowd && depth !== undefined ? 0.85 : (depth ?? 0) / 6)) return undefined;
    this.#letters++;
    return { name: LETTERS[number]!, number };
  }

  /** Names a function that is written later. */
  scopeOf({ name, number }: { name: string; number: number }, kind: Fn["kind"], outer?: Scope): Scope {
    return {
      fn: name,
      number,
      waits: kind === "coroutine" || kind === "generator",
      returns: kind === "coroutine",
      loops: false,
      repeats: outer?.repeats === true || kind === "generator",
      depth: outer === undefined ? 0 : outer.depth + 1,
      certain: new Set([...(outer?.certain ?? [])].filter((each) => this.lasting.has(each))),
      holds: [],
    };
  }

  /** Writes a coroutine function; undefined when there are enough. */
  coroutine(outer: Scope, most = 4): string | undefined {
    const letter = this.letter(outer.depth);
    if (letter === undefined) return undefined;
    const scope = this.scopeOf(letter, "coroutine", outer);
    this.functions.push({ name: letter.name, kind: "coroutine", body: this.function(scope, 1, most) });
    return letter.name;
  }

  /** Writes a function that the loop calls, named as the statement that gives it to the loop. */
  callback(name: string, outer: Scope, kind: "callback" | "done callback" = "callback"): void {
    const scope = this.scopeOf({ name: `${name}_`, number: outer.number }, kind, outer);
    const body = this.body(scope, 0, 2);
    this.functions.push({ name, kind, body });
  }

  /** Writes an async generator function. */
  generator(outer: Scope): string | undefined {
    const letter = this.letter(outer.depth);
    if (letter === undefined) return undefined;
    const scope = this.scopeOf(letter, "generator", outer);
    const body: Node[] = [];
    for (let item = 1, items = this.random.between(1, 3); item <= items; item++) {
      if (this.random.chance(0.7)) body.push(...this.body(scope, 0, 2));
      body.push({ op: "yield", with: { item } });
    }
    this.functions.push({ name: letter.name, kind: "generator", body });
    return letter.name;
  }

  /** So many statements, or fewer when the program is long enough. */
  body(scope: Scope, least: number, most: number): Node[] {
    const nodes: Node[] = [];
    const inner = { ...scope, certain: new Set(scope.certain) };
    for (let count = this.random.between(least, most); count > 0 && (this.left > 0 || nodes.length < least); count--) {
      this.left--;
      const node = statement(this, inner);
      nodes.push(node);
      if (ENDS.has(node.op)) break;
    }
    return nodes;
  }

  /** The body of a function; some fail at their end. */
  function(scope: Scope, least: number, most: number): Node[] {
    const body = this.body(scope, least, most);
    if (!ENDS.has(body.at(-1)!.op) && this.random.chance(0.12)) body.push({ op: "raise", label: this.label(scope) });
    return body;
  }

  /** The statements of a block. */
  inside(scope: Scope, least: number, most: number): Node[] {
    return this.body({ ...scope, depth: scope.depth + 1 }, least, most);
  }

  /** The statements of a loop. */
  looped(scope: Scope, least: number, most: number): Node[] {
    return this.inside({ ...scope, loops: true, repeats: true }, least, most);
  }

  /** Notes that `table name` exists from here on. */
  declare(scope: Scope, name: string): void {
    this.declared.push(name);
    scope.certain.add(name);
  }

  /** A statement about something that may not be there yet. */
  when(scope: Scope, name: string, node: Node): Node {
    if (scope.certain.has(name)) return node;
    const [table, key] = name.split(" ") as [string, string];
    return { op: "have", with: { table: `${table}s`, name: key }, parts: { body: [node] } };
  }

  /** One of what is declared in a table, with its name; undefined when there is none. */
  any(table: string, wanted: (name: string) => boolean = () => true): string | undefined {
    const names = this.declared.flatMap((each) => (each.startsWith(`${table} `) ? [each.slice(table.length + 1)] : []));
    const fit = names.filter(wanted);
    return fit.length === 0 ? undefined : this.random.pick(fit);
  }

  /** One that surely is there. */
  sure(scope: Scope, table: string, wanted: (name: string) => boolean = () => true): string | undefined {
    return this.any(table, (name) => scope.certain.has(`${table} ${name}`) && wanted(name));
  }

  /** A task whose outcome code in `scope` may wait for. Where messages are told, each has one reader. */
  awaitable(scope: Scope, among: "sure" | "any"): string | undefined {
    const once = this.topics.has("message");
    if (once && scope.repeats) return undefined;
    const name = this.any(
      "task",
      (name) =>
        LETTERS.indexOf(name) > scope.number &&
        (among === "any" || scope.certain.has(`task ${name}`)) &&
        !this.#read.has(name),
    );
    if (name !== undefined && once) this.#read.add(name);
    return name;
  }

  delay(): number {
    return this.random.chance(this.#haste) ? 0 : this.random.pick([10, 10, 20, 30, 40, 50]);
  }

  limit(): Setting {
    return this.random.pick([0, -10, 10, 10, 20, 20, 30, 50, null]);
  }
}
