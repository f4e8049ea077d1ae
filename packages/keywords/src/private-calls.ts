import type { CallExpression, Class, Function, MethodDefinition, Node } from "oxc-parser";
import { thisComesLater } from "./borrow.ts";
import { childrenOf } from "./syntax/children.ts";
import type { Compilation } from "./compilation.ts";
import type { Cleanup } from "./frame.ts";
import { isCalledPlainly } from "./reentry/parameters.ts";
import { expectToken } from "./syntax/trivia.ts";

/** `await this.#m(x)`: a call of a private method of this file, which nobody can replace. */
interface PrivateCall {
  readonly call: CallExpression;
  readonly method: Function;
  /** The text of the object whose method it is. */
  readonly object: string;
  readonly isReentered: boolean;
}

/**
 * Calls of private methods start their generator where they stand, `call(this.#m$,1,this.#m$(x))`, or call what is called
 * again, `callMethod(this.#m$,1,this,x)`, as those of `KnownCalls` do.
 */
export class PrivateCalls {
  readonly #calls: PrivateCall[] = [];
  readonly #compiled = new Map<Function, { readonly generator: string; readonly cleanup: Cleanup }>();

  entering(c: Compilation, node: CallExpression): "enter" | "call" | "callMethod" {
    const method = privateMethod(c, node);
    const object = method === null ? null : objectOf(c, node);
    if (object === null || node.arguments.some((argument) => argument.type === "SpreadElement" || waits(argument)))
      return "enter";
    const reentry = c.reentries.of(method!);
    if (reentry !== null && !isCalledPlainly(reentry)) return "enter";
    this.#calls.push({ call: node, method: method!, object, isReentered: reentry !== null });
    return reentry === null ? "call" : "callMethod";
  }

  compiled(method: Function, generator: string, cleanup: Cleanup): void {
    this.#compiled.set(method, { generator, cleanup });
  }

  write(c: Compilation): void {
    for (const { call, method, object, isReentered } of this.#calls) {
      const { generator, cleanup } = this.#compiled.get(method)!;
      const { callee } = call;
      const fn = `${object}.${generator}`;
      c.replace(callee.start, callee.end, `${fn},${cleanup},${isReentered ? object : fn}`);
      if (!isReentered) continue;
      const parenthesis = expectToken(c.code, (call.typeArguments ?? callee).end, "(");
      c.replace(parenthesis, parenthesis + 1, call.arguments.length === 0 ? "" : ",");
      c.replace(call.end - 1, call.end, "");
    }
  }
}

/** The one of the innermost class that has a private method of this name. */
function privateMethod(c: Compilation, { callee, optional }: CallExpression): Function | null {
  if (optional || callee.type !== "MemberExpression" || callee.optional) return null;
  if (callee.property.type !== "PrivateIdentifier") return null;
  const { name } = callee.property;
  for (let i = c.path.length - 1; i >= 0; i--) {
    const node = c.path[i]!;
    if (node.type !== "ClassDeclaration" && node.type !== "ClassExpression") continue;
    const member = memberOf(node, name);
    if (member !== undefined) return compiledMethod(member);
  }
  return null;
}

function memberOf(node: Class, name: string): Node | undefined {
  return node.body.body.find(
    (member) => "key" in member && member.key.type === "PrivateIdentifier" && member.key.name === name,
  );
}

function compiledMethod(member: Node): Function | null {
  if (member.type !== "MethodDefinition" || member.decorators.length > 0) return null;
  const { value } = member as MethodDefinition & { readonly value: Function };
  return value.async && !value.generator && value.body !== null ? value : null;
}

/** What may be written twice. */
function objectOf(c: Compilation, { callee }: CallExpression): string | null {
  const { object } = callee as { readonly object: Node };
  if (object.type === "Identifier") return object.name;
  return object.type === "ThisExpression" && !thisComesLater(c) ? "this" : null;
}

/** An await among the arguments may have the function read before it. */
function waits(node: Node): boolean {
  return node.type === "AwaitExpression" || childrenOf(node).some(waits);
}
