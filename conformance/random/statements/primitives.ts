import type { Scope, Writer } from "../writer.ts";
import { type Dish, type Make, awaiting, nesting, one, risky, sync, waiting } from "./dish.ts";
import { condition } from "./tasks.ts";

export const LOCK: readonly Dish[] = [
  nesting(5, holding("lock")),
  waiting(1, untidy("lock", awaiting("lock.acquire"))),
  sync(1, untidy("lock", risky(one("lock.release")))),
];

export const SEMAPHORE: readonly Dish[] = [
  nesting(5, holding("sem")),
  waiting(1, untidy("sem", awaiting("sem.acquire"))),
  sync(1, untidy("sem", risky(one("sem.release")))),
];

export const EVENT: readonly Dish[] = [
  waiting(3, awaiting("event.wait")),
  sync(2, one("event.set")),
  sync(1, one("event.clear")),
];

export const CONDITION: readonly Dish[] = [
  nesting(4, holding("cond")),
  waiting(6, onCondition(awaiting("cond.wait"))),
  waiting(2, onCondition(awaiting((w, scope) => ({ op: "cond.wait_for", parts: { test: [condition(w, scope)!] } })))),
  sync(5, onCondition(one("cond.notify", (w) => ({ n: w.random.between(0, 2) })))),
  sync(3, onCondition(one("cond.notify_all"))),
  sync(0.5, untidy("cond", risky(one("cond.release")))),
  waiting(0.5, untidy("cond", awaiting("cond.acquire"))),
];

export const BARRIER: readonly Dish[] = [
  waiting(5, awaiting("barrier.wait")),
  nesting(2, (w, scope) => ({ op: "barrier.with", label: w.label(scope), parts: { body: w.inside(scope, 0, 2) } })),
  waiting(0.7, awaiting("barrier.reset")),
  waiting(0.4, awaiting("barrier.abort")),
  sync(0.4, one("barrier.broken")),
];

export const QUEUE: readonly Dish[] = [
  waiting(
    3,
    awaiting((w) => ({ op: "queue.put", with: item(w) })),
  ),
  waiting(3, awaiting("queue.get")),
  waiting(1, awaiting("queue.join")),
  sync(1.5, risky(one("queue.put_nowait", item))),
  sync(1.5, risky(one("queue.get_nowait"))),
  sync(1, risky(one("queue.task_done"))),
  sync(0.3, one("queue.shutdown")),
  sync(0.2, one("queue.shutdown.now")),
  sync(0.3, one("queue.full")),
];

function item(writer: Writer): { item: number } {
  return { item: writer.random.between(0, 9) };
}

/** Statements with something held. */
function holding(thing: string): Make {
  return (writer, scope) => {
    if (scope.holds.includes(thing)) return undefined;
    const op = `${thing}.${writer.tidy.has(thing) ? "using" : "with"}`;
    const label = writer.label(scope);
    const inner: Scope = { ...scope, holds: [...scope.holds, thing] };
    return { op, label, parts: { body: writer.inside(inner, thing === "cond" ? 1 : 0, 3) } };
  };
}

/** Only where something may be released by hand. */
function untidy(thing: string, make: Make): Make {
  return (writer, scope) => (writer.tidy.has(thing) ? undefined : make(writer, scope));
}

/** Of a condition: most often where its lock is held. */
function onCondition(make: Make): Make {
  return (writer, scope) => {
    if (scope.holds.includes("cond")) return make(writer, scope);
    return !writer.tidy.has("cond") && writer.random.chance(0.1) ? risky(make)(writer, scope) : undefined;
  };
}
