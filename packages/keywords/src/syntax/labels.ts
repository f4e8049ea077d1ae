import type { Compilation } from "../compilation.ts";
import { skipTrivia } from "./trivia.ts";

/**
 * Takes away the labels of a loop that is about to be put into a block, and gives them as text for the new place:
 * `continue label` needs its label right at the loop.
 */
export function takeLabels(c: Compilation): string {
  let labels = "";
  for (let i = c.path.length - 1; i >= 0; i--) {
    const node = c.path[i]!;
    if (node.type !== "LabeledStatement") break;
    labels = `${node.label.name}:${labels}`;
    c.replace(node.label.start, skipTrivia(c.code, node.label.end) + 1, "");
  }
  return labels;
}
