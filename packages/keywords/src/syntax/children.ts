import { type Node, visitorKeys } from "oxc-parser";

/** The children of a node in the order of the text. */
export function childrenOf(node: Node): Node[] {
  const fields = node as unknown as Readonly<Record<string, Node | null | readonly (Node | null)[]>>;
  const children: Node[] = [];
  for (const key of visitorKeys[node.type] ?? []) {
    const field = fields[key];
    if (field == null) continue;
    if (!Array.isArray(field)) children.push(field as Node);
    else for (const one of field as readonly (Node | null)[]) if (one !== null) children.push(one);
  }
  return children;
}
