import MagicString from "magic-string";
import type { Node } from "oxc-parser";
import type { Frame, Region } from "./frame.ts";
import { KnownCalls } from "./known-calls.ts";
import { Names } from "./names.ts";
import type { ParsedSource } from "./parse.ts";
import { Reentries } from "./reentry/reentry.ts";
import { type RuntimeExport, RuntimeNames } from "./runtime-names.ts";
import type { Scope } from "./scope.ts";

/** Visits a node: its children first, its edits when it is left. */
export type Visitor = (c: Compilation, node: Node) => void;

/** A piece that is moved, and what stands in its place: at the end of what comes before it, or at the beginning of what comes behind. */
interface Move {
  readonly start: number;
  readonly end: number;
  readonly to: number;
  readonly side: "before" | "behind";
  inPlace: string;
}

/**
 * The state of compiling one file: the edits, and the stacks of what is being visited.
 *
 * Edits are made when a node is left, so that of two at one offset the inner comes first. `open` puts text in front of
 * what was put there before, `close` behind it. No edit adds or takes a line.
 */
export class Compilation {
  readonly source: ParsedSource;
  readonly code: string;
  readonly text: MagicString;
  readonly names: Names;
  readonly runtime: RuntimeNames;
  readonly reentries: Reentries;
  readonly knownCalls: KnownCalls;
  /** The nodes around the one being visited, the outermost first. */
  readonly path: Node[] = [];
  readonly frames: Frame[] = [];
  readonly scopes: Scope[] = [];
  /** The variables that keep computed keys, by the member that has the key. */
  readonly computedKeys: Map<Node, string> = new Map();

  /** The names of compiled functions, by the offset that their generator is mapped to. */
  readonly functionNames: Map<number, string> = new Map();
  /** Some arrow leaves its waiting to the generator of the file. */
  usesTail = false;
  readonly #visitor: Visitor;
  readonly #moves: Move[] = [];
  /** What was moved away, by its start and by its end. */
  readonly #starts = new Map<number, Move>();
  readonly #ends = new Map<number, Move>();

  constructor(source: ParsedSource, visitor: Visitor) {
    this.#visitor = visitor;
    this.source = source;
    this.code = source.code;
    this.text = new MagicString(source.code, { filename: source.filename });
    this.names = new Names(source.code);
    this.runtime = new RuntimeNames(this.names);
    this.reentries = new Reentries(source.program, source.code);
    this.knownCalls = new KnownCalls(source.program, this.reentries);
  }

  get frame(): Frame {
    return this.frames[this.frames.length - 1]!;
  }

  /** The node around the one being visited, `distance` steps up. */
  parent(distance = 0): Node | undefined {
    return this.path[this.path.length - 1 - distance];
  }

  visit(node: Node | null | undefined): void {
    if (node != null) this.#visitor(this, node);
  }

  /** Visits what `work` visits, with `node` on the path. */
  inside(node: Node, work: () => void): void {
    this.path.push(node);
    work();
    this.path.pop();
  }

  /** Visits what `work` visits, inside of regions of the present frame. */
  within(regions: readonly Region[], work: () => void): void {
    const { frame } = this;
    frame.regions.push(...regions);
    work();
    frame.regions.length -= regions.length;
  }

  /** The local name of an export of the runtime. */
  rt(name: RuntimeExport): string {
    return this.runtime.get(name);
  }

  /** The local name for a purpose of the compiler: `$it`, `$e`. */
  name(base: string): string {
    return this.names.get(base);
  }

  open(offset: number, text: string): void {
    const move = this.#starts.get(offset);
    if (move === undefined) this.text.prependRight(offset, text);
    else move.inPlace = text + move.inPlace;
  }

  close(offset: number, text: string): void {
    const move = this.#ends.get(offset);
    if (move === undefined) this.text.appendLeft(offset, text);
    else move.inPlace += text;
  }

  /**
   * Moves a piece in front of what stands at `to` (at its own end, it stays), with `inPlace` in its place. What is opened at
   * its start and closed at its end from now on stands around that.
   */
  move(start: number, end: number, to: number, side: "before" | "behind", inPlace: string = ""): void {
    const move = { start, end, to, side, inPlace };
    this.#moves.push(move);
    this.#starts.set(start, move);
    this.#ends.set(end, move);
  }

  /** Opens a piece that was moved, where it was moved to. */
  openMoved(start: number, text: string): void {
    this.text.prependRight(start, text);
  }

  /** Does so, when everything is written: text that was moved cannot be replaced any more. */
  moveAll(): void {
    for (const { start, end, to, side, inPlace } of this.#outerFirst()) {
      if (side === "before") this.text.appendLeft(start, inPlace);
      else this.text.prependRight(end, inPlace);
      if (to !== end) this.text.move(start, end, to);
    }
  }

  /** Of two pieces the outer one is moved as a whole; otherwise in the order of the text. */
  #outerFirst(): readonly Move[] {
    const byDepth: Move[][] = [];
    const around: Move[] = [];
    for (const move of this.#moves.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
      while (around.length > 0 && around.at(-1)!.end <= move.start) around.pop();
      (byDepth[around.length] ??= []).push(move);
      around.push(move);
    }
    return byDepth.flat();
  }

  /** Writes `text` in place of what stands there; the line breaks stay. */
  replace(start: number, end: number, text: string): void {
    const breaks = this.code.slice(start, end).match(/\r\n|[\n\r\u2028\u2029]/g);
    this.text.update(start, end, breaks === null ? text : text + breaks.join(""));
  }

  /** A variable of the function around the node being visited (of the module, if there is none). */
  variable(base: string): string {
    const name = this.names.fresh(base);
    const scope = this.scopes.findLast((scope) => scope.isBody)!;
    scope.variables.push(name);
    return name;
  }
}
