// create_task(context=) runs the task in that very context, which keeps what the task sets.
import { ContextVar, RuntimeError, type Task, copyContext, coroutine, createTask, run, sleep, taskGroup } from "tsyncio";

const variable = new ContextVar<string>("var");

const setter = coroutine(function* setter(value: string) {
  const before = variable.get("unset");
  variable.set(value);
  yield* sleep(0);
  console.log("set", before, "->", variable.get("unset"));
  return value;
});

const reader = coroutine(function* reader() {
  yield* sleep(0);
  return variable.get("unset");
});

const main = coroutine(function* main() {
  variable.set("main");
  const context = copyContext();
  const task = createTask(setter("first"), { context });
  console.log("same context", Number(task.getContext() === context));
  yield* task;
  console.log("main", variable.get("unset"), "| context", context.run(() => variable.get("unset")));
  yield* createTask(setter("second"), { context });
  console.log("read", yield* createTask(reader(), { context }));
  let a!: Task<string>;
  let b!: Task<string>;
  let c!: Task<string>;
  yield* taskGroup(coroutine(function* (tg) {
    a = tg.createTask(setter("x"), { context });
    b = tg.createTask(reader(), { context });
    c = tg.createTask(reader());
  }));
  console.log("shared", b.result(), "| copied", c.result(), "| set", a.result());
  const scratch = copyContext();
  console.log("returned", scratch.run((x: string) => x + "!", "value"));

  function nested() {
    variable.set("nested");
    const inner = copyContext();
    inner.run(() => variable.set("deeper"));
    return variable.get("unset") + "/" + inner.run(() => variable.get("unset"));
  }

  console.log(scratch.run(nested), variable.get("unset"));
  try {
    scratch.run(() => scratch.run(console.log, "wrong"));
  } catch (e) {
    if (!(e instanceof RuntimeError)) throw e;
    console.log("a context cannot be entered twice");
  }
});

await run(main());
