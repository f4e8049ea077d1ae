import type { AccessorProperty, MethodDefinition, ObjectProperty, PropertyDefinition } from "oxc-parser";
import type { Compilation } from "../compilation.ts";

/** A member whose key may be computed. */
export type Keyed = ObjectProperty | MethodDefinition | PropertyDefinition | AccessorProperty;

/** The variable that keeps the value of a computed key, which is evaluated once, where it stands: `[$key=f()]`. */
export function computedKey(c: Compilation, member: Keyed): string {
  let name = c.computedKeys.get(member);
  if (name === undefined) {
    name = c.variable("$key");
    c.computedKeys.set(member, name);
    c.open(member.key.start, `${name}=`);
  }
  return name;
}

/** The same, for the nearest member around the node being visited. */
export function computedKeyAround(c: Compilation): string {
  const member = c.path.findLast(
    (node): node is Keyed =>
      node.type === "Property" ||
      node.type === "MethodDefinition" ||
      node.type === "PropertyDefinition" ||
      node.type === "AccessorProperty",
  );
  return computedKey(c, member!);
}
