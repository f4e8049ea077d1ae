import { type CallExpression, type Expression, type Node, parseSync, visitorKeys } from "oxc-parser";

/** An await in the text of a function: where it stands, and what it waits for. */
interface Await {
  readonly offset: number;
  readonly awaited: Node;
}

/**
 * The offset of the await of `callee` in the text of a coroutine's function, compiled or written by hand; undefined when
 * several could be meant, or none. Awaits of functions within it are not its own.
 */
export function awaitOffset(text: string, callee: string): number | undefined {
  const awaits = ownAwaits(text);
  if (awaits.length === 1) return awaits[0]!.offset;
  const name = callee.replace(/^.*\./, "");
  const direct = awaits.filter(({ awaited }) => calls(awaited, name));
  if (direct.length > 0) return direct.length === 1 ? direct[0]!.offset : undefined;
  // gather(callee(1), callee(2)) and the like.
  const within = awaits.filter(({ awaited }) => mentions(awaited, name));
  if (within.length > 0) return within.length === 1 ? within[0]!.offset : undefined;
  // `for await` names its source nowhere near the await.
  const loops = awaits.filter(({ awaited }) => calls(awaited, "advance"));
  return loops.length === 1 ? loops[0]!.offset : undefined;
}

function ownAwaits(text: string): Await[] {
  // The text of a method is one only in an object.
  for (const [before, after] of [
    ["(", ")"],
    ["({", "})"],
  ] as const) {
    const { program, errors } = parseSync("function.js", `${before}${text}${after}`, { sourceType: "script" });
    if (errors.length > 0) continue;
    const found: Await[] = [];
    collect(program, { found, depth: 0 });
    return found.map(({ offset, awaited }) => ({ offset: offset - before.length, awaited }));
  }
  return [];
}

function collect(node: Node, into: { readonly found: Await[]; readonly depth: number }): void {
  const depth = /^(?:Function|ArrowFunction)/.test(node.type) ? into.depth + 1 : into.depth;
  if (depth > 1) return;
  const await_ = compiledAwait(node) ?? writtenAwait(node);
  if (await_ !== undefined) into.found.push(await_);
  if (node.type === "ReturnStatement" && node.argument !== null) into.found.push(...handedOn(node.argument));
  for (const child of childrenOf(node)) collect(child, { found: into.found, depth });
}

/**
 * `typeof ($ = enter(e)) === "symbol" && $ === SUSPEND ? yield : $`, or less of it: the only bare `yield` that the compiler writes.
 * In a function that is called again, `if (typeof ($ = enter(e)) === "symbol" && $ === SUSPEND) return …`.
 */
function compiledAwait(node: Node): Await | undefined {
  if (node.type !== "ConditionalExpression" && node.type !== "IfStatement") return undefined;
  const { test, consequent } = node;
  if (!leaves(consequent)) return undefined;
  const comparison = test.type === "LogicalExpression" ? test.left : test;
  if (comparison.type !== "BinaryExpression") return undefined;
  let call = bare(comparison.left as Expression);
  if (call.type === "UnaryExpression") call = bare(call.argument);
  if (call.type === "AssignmentExpression") call = bare(call.right);
  return { offset: call.start, awaited: call.type === "CallExpression" ? entered(call) : call };
}

function leaves(node: Node): boolean {
  if (node.type === "YieldExpression") return node.argument === null;
  if (node.type !== "ReturnStatement" || node.argument?.type !== "SequenceExpression") return false;
  const last = node.argument.expressions.at(-1)!;
  return last.type === "CallExpression" && last.callee.type === "Identifier" && /^\$leave\d*$/.test(last.callee.name);
}

/** `return enter(e)`, where the frame waits for nothing but what it gives; of a function without a generator `return e`. */
function handedOn(argument: Expression): Await[] {
  const given = bare(argument);
  if (given.type === "ConditionalExpression") return [given.consequent, given.alternate].flatMap(handedOn);
  if (given.type !== "CallExpression") return [];
  const passed = given.callee.type === "Identifier" && /^\$handOn\d*$/.test(given.callee.name);
  if (passed) return handedOn(given.arguments[0] as Expression);
  return [
    {
      offset: given.start,
      awaited: given.callee.type === "Identifier" && RUNTIME.test(given.callee.name) ? entered(given) : given,
    },
  ];
}

const RUNTIME = /^\$(?:enter|call|callFrame|callTail)\d*$/;

/** What `enter(e)`, `call(f$, 1, f$(x))`, `callFrame(f$, 1, x)` and `callTail(f$, x, y)` wait for. */
function entered(call: CallExpression): Node {
  const [first = call, , third] = call.arguments;
  const named = call.callee.type === "Identifier" && /^\$call(?:Frame|Tail)/.test(call.callee.name);
  return named ? first : (third ?? first);
}

function writtenAwait(node: Node): Await | undefined {
  if (node.type !== "YieldExpression" || node.argument === null) return undefined;
  return { offset: node.start, awaited: node.argument };
}

/** `callee(…)`, `object.callee(…)`, and for a function without a name `(function () { … })(…)`. */
function calls(awaited: Node, name: string): boolean {
  const call = bare(awaited as Expression);
  // The generator of a function that the compiler knows.
  if (call.type === "Identifier") return call.name.endsWith("$") && call.name.replace(/\$+$/, "") === name;
  if (call.type !== "CallExpression") return false;
  const callee = bare(call.callee);
  if (callee.type === "Identifier") return callee.name.replace(/\$+$/, "") === name;
  if (callee.type === "MemberExpression") return "name" in callee.property && callee.property.name === name;
  return name === "" || name === "anonymous" || name === "<anonymous>";
}

function mentions(node: Node, name: string): boolean {
  if ("name" in node && node.name === name) return true;
  return childrenOf(node).some((child) => mentions(child, name));
}

function bare(node: Expression): Expression {
  return node.type === "ParenthesizedExpression" ? bare(node.expression) : node;
}

function childrenOf(node: Node): Node[] {
  const fields = node as unknown as Readonly<Record<string, Node | null | readonly (Node | null)[]>>;
  return (visitorKeys[node.type] ?? [])
    .flatMap((key) => fields[key] as Node | null | readonly (Node | null)[])
    .filter((child): child is Node => child != null);
}
