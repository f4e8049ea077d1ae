import type { Node, Program, Thing } from "./program-tree.ts";
import { pruned } from "./prune.ts";
import { OWN_FUTURES } from "./statements/combinators.ts";
import { Random } from "./random.ts";
import { TOPICS, type Topic, Writer } from "./writer.ts";

/** How long main waits for its tasks. What is left then is cancelled at the end of the run. */
const PATIENCE = 150;

/** The program with this number of a seed. With `about`, it is about some of these topics. */
export function generate(seed: number, number: number, about: readonly Topic[] = TOPICS): Program {
  const random = new Random(seed * 1_000_003 + number);
  const topics = new Set(random.some(about, random.pick([1, 1, 2, 2, 2, 3, 3, 4, 5])));
  const tidy = new Set(random.chance(0.5) ? ["lock", "sem", "cond"] : []);
  const writer = new Writer(random, topics, tidy);
  const main = writer.scopeOf({ name: "main", number: -1 }, "coroutine");
  const body: Node[] = [{ op: "handler" }, { op: "main", with: { task: "main" } }];
  writer.declare(main, "task main");
  for (const future of topics.has("future") ? OWN_FUTURES : []) {
    body.push({ op: "future.new", with: { future } });
    writer.declared.push(`future ${future}`);
    writer.lasting.add(`future ${future}`);
  }
  if (topics.has("eager")) body.push({ op: "eager" });

  const letters = Array.from({ length: random.between(2, writer.crowd ? 7 : 5) }, () => writer.letter()!);
  for (const { name } of letters) writer.declared.push(`task ${name}`);
  // Tasks that start at once are not known to each other yet.
  if (!topics.has("eager")) for (const { name } of letters) writer.lasting.add(`task ${name}`);
  writer.lasting.add("task main");
  for (const name of writer.lasting) main.certain.add(name);
  for (const letter of letters) {
    writer.left = random.between(6, 20);
    const scope = writer.scopeOf(letter, "coroutine", main);
    writer.functions.push({ name: letter.name, kind: "coroutine", body: writer.body(scope, 3, 9) });
  }
  for (const { name } of letters) {
    const of = [{ op: "call", with: { fn: name } }];
    body.push({ op: "spawn", label: writer.label(main), with: { task: name }, parts: { of } });
    main.certain.add(`task ${name}`);
  }
  // Main helps along: it has more to give than its tasks, so that they wait for it.
  writer.left = 15;
  const helping = { ...main, waits: random.chance(0.1), returns: false };
  for (let time = random.between(1, 4); time > 0; time--) {
    const help = { op: "try.all", label: writer.label(main), with: { then: "go on" } };
    body.push({ ...help, parts: { body: writer.body(helping, 1, 3), handler: [] } });
    body.push({ op: "await", label: writer.label(main), parts: { of: [{ op: "sleep", with: { delay: 10 } }] } });
  }
  body.push({ op: "await", label: writer.label(main), parts: { of: [{ op: "sleep", with: { delay: PATIENCE } }] } });
  body.push({ op: "end", label: writer.label(main) });
  writer.functions.push({ name: "main", kind: "coroutine", body });

  const title = `Random program ${number} of seed ${seed}: ${[...topics].join(", ")}.`;
  return pruned({
    title,
    messages: topics.has("message"),
    things: things(random, topics),
    functions: writer.functions,
  });
}

function things(random: Random, topics: ReadonlySet<Topic>): Thing[] {
  const all: Thing[] = [];
  if (topics.has("lock")) all.push({ name: "lock", made: "lock" });
  if (topics.has("event")) all.push({ name: "event", made: "event" });
  if (topics.has("condition"))
    all.push({ name: "cond", made: topics.has("lock") && random.chance(0.5) ? "cond of lock" : "cond" });
  if (topics.has("semaphore"))
    all.push({ name: "sem", made: random.pick(["sem", "bounded sem"]), with: { n: random.between(0, 2) } });
  if (topics.has("barrier")) all.push({ name: "barrier", made: "barrier", with: { n: random.between(1, 3) } });
  if (topics.has("queue"))
    all.push({
      name: "queue",
      made: random.pick(["queue", "queue", "lifo queue", "priority queue"]),
      with: { n: random.between(0, 2) },
    });
  if (topics.has("context")) all.push({ name: "note", made: "note" });
  return all;
}
