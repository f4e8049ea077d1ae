import type { Node } from "../program-tree.ts";
import type { Scope, Topic, Writer } from "../writer.ts";
import { CALLBACK, CONTEXT, STREAM } from "./callbacks.ts";
import { COMPLETED, FUTURE, GATHER, SHIELD, WAIT, WAIT_FOR } from "./combinators.ts";
import type { Dish } from "./dish.ts";
import { BARRIER, CONDITION, EVENT, LOCK, QUEUE, SEMAPHORE } from "./primitives.ts";
import { GROUP, TIMEOUT } from "./scopes.ts";
import { TASKS } from "./tasks.ts";

/** What there is about each topic. Some topics only change what the rest does. */
const MENU: Readonly<Record<Topic, readonly Dish[]>> = {
  lock: LOCK,
  semaphore: SEMAPHORE,
  event: EVENT,
  condition: CONDITION,
  barrier: BARRIER,
  queue: QUEUE,
  future: FUTURE,
  gather: GATHER,
  wait: WAIT,
  completed: COMPLETED,
  wait_for: WAIT_FOR,
  shield: SHIELD,
  timeout: TIMEOUT,
  group: GROUP,
  callback: CALLBACK,
  stream: STREAM,
  context: CONTEXT,
  eager: [],
  message: [],
};

const ATTEMPTS = 8;
const DEEPEST = 6;

/** A random statement for a place: most are about the topics of the program. */
export function statement(writer: Writer, scope: Scope): Node {
  const { random } = writer;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const fit = menu(writer, scope).filter(
      ({ waits, nests }) => (scope.waits || !waits) && (scope.depth < DEEPEST || !nests),
    );
    const node = fit.length === 0 ? undefined : random.weighted(fit).make(writer, scope);
    if (node !== undefined) return node;
  }
  return { op: "say", label: writer.label(scope) };
}

function menu({ random, topics, crowd }: Writer, { holds }: Scope): readonly Dish[] {
  if (holds.includes("cond") && random.chance(0.8)) return CONDITION;
  const special = [...topics].filter((topic) => MENU[topic].length > 0);
  if (special.length === 0 || !random.chance(crowd ? 0.75 : 0.6)) return TASKS;
  return MENU[random.pick(special)];
}
