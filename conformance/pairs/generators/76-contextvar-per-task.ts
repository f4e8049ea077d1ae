// A task runs in a copy of the context taken when it was created; an awaited coroutine shares its caller's.
import { ContextVar, coroutine, createTask, gather, run, sleep, taskGroup, timeout, waitFor } from "tsyncio";

const user = new ContextVar<string>("user");

const show = coroutine(function* show(label: string) {
  console.log(label, user.get("nobody"));
});

const change = coroutine(function* change(label: string, value: string) {
  user.set(value);
  yield* sleep(0);
  console.log(label, user.get("nobody"));
});

const main = coroutine(function* main() {
  console.log("main begins with", user.get("nobody"));
  user.set("one");
  const first = createTask(show("first"));
  user.set("two");
  const second = createTask(show("second"));
  user.set("three");
  yield* first;
  yield* second;
  yield* gather(change("a", "alice"), change("b", "bob"), show("c"));
  console.log("main keeps", user.get("nobody"));
  yield* change("awaited", "shared");
  console.log("main sees", user.get("nobody"));
  yield* waitFor(change("waited for", "also shared"), 1000);
  console.log("main sees", user.get("nobody"));
  yield* taskGroup(coroutine(function* (tg) {
    tg.createTask(change("child", "inner"));
    user.set("set in the body");
    tg.createTask(show("later child"));
  }));
  console.log("main sees", user.get("nobody"));
  yield* timeout(1000, coroutine(function* () {
    user.set("set under a timeout");
  }));
  console.log("main sees", user.get("nobody"));
});

user.set("outside");
await run(main());
console.log("outside still", user.get("nobody"));
