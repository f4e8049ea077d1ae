import type { Node } from "./program-tree.ts";
import { isFutureOp } from "./prune.ts";
import type { Scope, Topic, Writer } from "./writer.ts";

interface Choice {
  readonly weight: number;
  readonly topic?: Topic;
  /** Whether it is a future or a task, which `wait` insists on. */
  readonly future?: boolean;
  make(writer: Writer, scope: Scope): Node | undefined;
}

const plain = (op: string) => (): Node => ({ op });

const CHOICES: readonly Choice[] = [
  { weight: 4, make: call },
  { weight: 2, make: (w) => ({ op: "sleep.result", with: { delay: w.delay(), text: "slept" } }) },
  { weight: 0.5, future: true, make: plain("park") },
  { weight: 4, future: true, make: task },
  { weight: 3, future: true, make: created },
  { weight: 1, future: true, make: (w, scope) => ({ op: "ensured", parts: { of: [awaitable(w, deeper(scope))] } }) },
  { weight: 2, topic: "future", future: true, make: future },
  { weight: 2, topic: "event", make: plain("event.wait") },
  { weight: 1, topic: "lock", make: (w) => (w.tidy.has("lock") ? undefined : { op: "lock.acquire" }) },
  { weight: 1, topic: "semaphore", make: (w) => (w.tidy.has("sem") ? undefined : { op: "sem.acquire" }) },
  { weight: 0.5, topic: "condition", make: (w) => (w.tidy.has("cond") ? undefined : { op: "cond.acquire" }) },
  { weight: 2, topic: "barrier", make: plain("barrier.wait") },
  { weight: 2, topic: "queue", make: plain("queue.get") },
  { weight: 1, topic: "queue", make: (w) => ({ op: "queue.put", with: { item: w.random.between(0, 9) } }) },
  { weight: 0.5, topic: "queue", make: plain("queue.join") },
  { weight: 1, topic: "gather", future: true, make: (w, scope) => gather(w, deeper(scope)) },
  {
    weight: 2,
    topic: "completed",
    future: true,
    make: (w, scope) => ({ op: "completed.all", parts: { of: several(w, deeper(scope)) } }),
  },
  { weight: 1, topic: "shield", future: true, make: (w, scope) => shield(w, deeper(scope)) },
  { weight: 1, topic: "wait_for", make: (w, scope) => waitFor(w, deeper(scope)) },
];

function deeper(scope: Scope): Scope {
  return { ...scope, depth: scope.depth + 1 };
}

type Kind = "anything" | "futures";

/** Something to await: a call, a task, a wait of a primitive, or several of them combined. */
export function awaitable(writer: Writer, scope: Scope, kind: Kind = "anything"): Node {
  const fit = CHOICES.filter(
    ({ topic, future }) =>
      (topic === undefined || writer.topics.has(topic)) && (kind === "anything" || future === true),
  );
  for (let attempt = 0; attempt < 5 && scope.depth < 5; attempt++) {
    const node = writer.random.weighted(fit).make(writer, scope);
    if (node !== undefined) return node;
  }
  return kind === "futures" ? { op: "park" } : { op: "sleep", with: { delay: writer.delay() } };
}

export function several(writer: Writer, scope: Scope, kind: Kind = "anything"): Node[] {
  const nodes = Array.from({ length: writer.random.between(1, 3) }, () => awaitable(writer, scope, kind));
  // The same task twice.
  if (nodes[0]!.op === "task" && !writer.topics.has("message") && writer.random.chance(0.2)) nodes.push(nodes[0]!);
  return nodes;
}

export function call(writer: Writer, scope: Scope): Node | undefined {
  const fn = writer.coroutine(scope);
  return fn === undefined ? undefined : { op: "call", with: { fn } };
}

/** What `createTask` takes. */
export function coroutine(writer: Writer, scope: Scope): Node {
  if (writer.random.chance(0.8)) return call(writer, scope) ?? { op: "sleep", with: { delay: writer.delay() } };
  const node = awaitable(writer, scope);
  return isFutureOp(node) ? { op: "wait_for", with: { delay: writer.limit() }, parts: { of: [node] } } : node;
}

function created(writer: Writer, scope: Scope): Node {
  return { op: "created", parts: { of: [coroutine(writer, scope)] } };
}

function task(writer: Writer, scope: Scope): Node | undefined {
  const name = writer.awaitable(scope, "sure");
  return name === undefined ? undefined : { op: "task", with: { task: name } };
}

/** One of the program's own futures, or a `gather` or `shield` of this very function, which does not wait for itself. */
export function future(writer: Writer, scope: Scope): Node | undefined {
  const name = writer.sure(scope, "future");
  return name === undefined ? undefined : { op: "future", with: { future: name } };
}

export function gather(writer: Writer, scope: Scope): Node {
  return { op: writer.random.chance(0.5) ? "gather.keep" : "gather", parts: { of: several(writer, scope) } };
}

export function shield(writer: Writer, scope: Scope): Node {
  return { op: "shield", parts: { of: [awaitable(writer, scope)] } };
}

export function waitFor(writer: Writer, scope: Scope): Node {
  return { op: "wait_for", with: { delay: writer.limit() }, parts: { of: [awaitable(writer, scope)] } };
}

export function wait(writer: Writer, scope: Scope): Node {
  const when = writer.random.pick(["ALL_COMPLETED", "FIRST_COMPLETED", "FIRST_EXCEPTION"]);
  const of = several(writer, scope, "futures");
  return writer.random.chance(0.5)
    ? { op: "wait", with: { when }, parts: { of } }
    : { op: "wait.timeout", with: { when, delay: writer.delay() }, parts: { of } };
}
