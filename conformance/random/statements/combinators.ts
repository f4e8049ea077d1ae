import { future, gather, several, shield, wait, waitFor } from "../awaitables.ts";
import type { Node } from "../program-tree.ts";
import type { Scope, Writer } from "../writer.ts";
import { type Dish, type Make, about, awaiting, nesting, risky, sync, waiting } from "./dish.ts";

const text = (): { text: string } => ({ text: "why" });

export const FUTURE: readonly Dish[] = [
  waiting(2, awaiting(future)),
  sync(2, risky(settled("future.set_result"))),
  sync(1, risky(settled("future.set_exception"))),
  sync(1, about("future", ["future.cancel"], text)),
  sync(0.5, about("future", ["future.done"])),
  sync(1.4, risky(about("future", ["future.result", "future.exception"]))),
];

/** `gather` and `shield` give futures, which can be kept and cancelled. */
const KEPT: readonly Dish[] = [
  sync(2, kept),
  waiting(2, awaiting(future)),
  sync(1, about("future", ["future.cancel", "future.done"], text)),
];

export const GATHER: readonly Dish[] = [waiting(4, awaiting(gather)), ...KEPT];
export const SHIELD: readonly Dish[] = [waiting(3, awaiting(shield)), ...KEPT];
export const WAIT: readonly Dish[] = [waiting(3, awaiting(wait))];
export const WAIT_FOR: readonly Dish[] = [waiting(4, awaiting(waitFor))];
export const COMPLETED: readonly Dish[] = [nesting(3, completed)];

/** The futures that the program makes itself: nobody else may set what a `gather` gives. */
export const OWN_FUTURES: readonly string[] = ["one", "two"];

function settled(op: string): Make {
  return (writer, scope) => {
    const name = writer.sure(scope, "future", (each) => OWN_FUTURES.includes(each));
    const label = writer.label(scope);
    return name === undefined ? undefined : { op, label, with: { future: name, text: label } };
  };
}

function kept(writer: Writer, scope: Scope): Node {
  const of = [writer.random.chance(0.6) ? gather(writer, scope) : shield(writer, scope)];
  const label = writer.label(scope);
  writer.declare(scope, `future ${label}`);
  return { op: "future.keep", label, parts: { of } };
}

function completed(writer: Writer, scope: Scope): Node {
  const op = writer.random.pick(["completed.plain", "completed.async"]);
  const label = writer.label(scope);
  const delay = writer.random.pick([null, null, 0, 10, 20, 40]);
  const of = several(writer, scope);
  return { op, label, with: { delay }, parts: { of, body: writer.looped(scope, 0, 1) } };
}
