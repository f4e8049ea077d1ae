import { BLOCKS, ENDINGS } from "./block-phrases.ts";
import { furniture } from "./furniture.ts";
import { AWAITABLES, DEEDS, type Phrase, VALUES } from "./phrases.ts";
import { ENDS, type Fn, type Node, type Program, type Setting } from "./program-tree.ts";
import { importsOf } from "./imports.ts";

/** TypeScript in either spelling, or Python. */
export type Language = "python" | "keywords" | "generators";

/** A program as text: what stands before and after its declarations makes a file of it that can be run by itself. */
export interface Printed {
  readonly head: string;
  readonly body: string;
  readonly foot: string;
}

/** The program in one language. */
export function print(program: Program, language: Language): Printed {
  const printer = new Printer(language);
  const gap = language === "python" ? "\n\n" : "\n";
  const functions = program.functions.map((fn) => printer.fn(fn)).join(gap);
  const body = furniture(program, language, functions) + gap + functions;
  const foot = language === "python" ? "asyncio.run(main())\n" : "await run(main());\n";
  const comment = language === "python" ? "#" : "//";
  return { head: `${comment} ${program.title}\n${importsOf(body + foot, language)}\n${gap}`, body, foot: gap + foot };
}

/** A program as a file. */
export function textOf({ head, body, foot }: Printed): string {
  return head + body + foot;
}

class Printer {
  readonly #language: Language;
  readonly #python: boolean;

  constructor(language: Language) {
    this.#language = language;
    this.#python = language === "python";
  }

  /** The phrase in this language. */
  #text(phrase: Phrase): string {
    const [python, typescript, generators] = typeof phrase === "string" ? [phrase, camelCase(phrase)] : phrase;
    if (this.#python) return python;
    if (this.#language === "keywords") return typescript;
    return generators ?? typescript.replace(/\bawait /g, "yield* ").replace(/\basync (\(\w*\)) => /g, "function* $1 ");
  }

  expression(node: Node): string {
    const phrase = AWAITABLES[node.op] ?? VALUES[node.op] ?? DEEDS[node.op];
    if (phrase === undefined) throw new Error(`there is no phrase for ${node.op}`);
    return this.#filled(this.#text(phrase), node);
  }

  /** A text with the settings and the awaitables of a node in it. */
  #filled(text: string, node: Node): string {
    const { of, test } = node.parts ?? {};
    return text.replace(/\{(\w+)\}/g, (_, name: string) => {
      if (name === "of") return (of ?? []).map((each) => this.expression(each)).join(", ");
      if (name === "test") return this.expression(test![0]!);
      if (name === "label") return node.label!;
      return this.#setting(name, node.with![name]!);
    });
  }

  #setting(name: string, value: Setting): string {
    if (value === null) return this.#python ? "None" : "null";
    if (name === "delay" && this.#python) return String(Number(value) / 1000);
    return String(value);
  }

  statements(nodes: readonly Node[], indent: string): string[] {
    return nodes.flatMap((node) => this.#statement(node, indent));
  }

  #statement(node: Node, indent: string): string[] {
    const block = BLOCKS[node.op];
    if (block !== undefined) return this.#block(this.#text(block), node, indent);
    const end = this.#python ? "" : ";";
    const expression = this.expression(node);
    if (node.op in VALUES) return [`${indent}say("${node.label}", ${expression})${end}`];
    const deed = `${indent}${expression}${end}`;
    return node.label === undefined ? [deed] : [deed, `${indent}say("${node.label}")${end}`];
  }

  #block(text: string, node: Node, indent: string): string[] {
    const lines: string[] = [];
    for (const line of text.split("\n")) {
      const inside = indent + /^ */.exec(line)![0];
      const part = /^ *\{(body|handler)\}$/.exec(line)?.[1];
      if (part !== undefined) lines.push(...this.#inside(node.parts?.[part] ?? [], inside, lines.at(-1)));
      else if (line.endsWith("{then}")) {
        const ending = this.#text(ENDINGS[node.with!.then as string]!);
        if (ending !== "") lines.push(inside + this.#filled(ending, node));
      } else if (this.#has(line, node)) lines.push(indent + this.#filled(line, node));
    }
    return lines;
  }

  /** Whether the node has all settings that a line names. One without is left out. */
  #has(line: string, { with: settings }: Node): boolean {
    const names = [...line.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
    return names.every((name) => ["of", "test", "label"].includes(name) || settings?.[name] !== undefined);
  }

  #inside(nodes: readonly Node[], indent: string, before: string | undefined): string[] {
    if (nodes.length === 0 && this.#python && before?.endsWith(":")) return [`${indent}pass`];
    return this.statements(nodes, indent);
  }

  fn({ name, kind, body }: Fn): string {
    const indent = this.#python ? "    " : "  ";
    const end = this.#python ? "" : ";";
    const lines = this.statements(body, indent);
    if (kind === "callback") lines.unshift(`${indent}say("${name} called")${end}`);
    if (kind === "done callback") lines.unshift(`${indent}say("${name} done", future)${end}`);
    if (kind === "coroutine" && name !== "main" && !ENDS.has(body.at(-1)?.op ?? ""))
      lines.push(`${indent}return "${name}"${end}`);
    if (lines.length === 0 && this.#python) lines.push(`${indent}pass`);
    return this.#defined(name, kind, lines.join("\n"));
  }

  #defined(name: string, kind: Fn["kind"], body: string): string {
    const waits = kind === "coroutine" || kind === "generator";
    const parameter = kind === "done callback" ? "future" : "";
    if (this.#python) return `${waits ? "async def" : "def"} ${name}(${parameter}):\n${body}\n`;
    if (!waits) return `function ${name}(${parameter && "future: Future"}) {\n${body}\n}\n`;
    if (this.#language === "keywords")
      return `async function${kind === "generator" ? "*" : ""} ${name}() {\n${body}\n}\n`;
    const wrapper = kind === "generator" ? "asyncGenerator" : "coroutine";
    return `const ${name} = ${wrapper}(function* ${name}() {\n${body}\n});\n`;
  }
}

/** Python's names in TypeScript; what stands in quotes or braces stays. */
function camelCase(text: string): string {
  return text.replace(/"[^"]*"|\{\w+\}|_([a-z])/g, (whole, letter?: string) => letter?.toUpperCase() ?? whole);
}
