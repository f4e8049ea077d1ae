import {
  type Coroutine,
  type Started,
  type Task,
  type TaskGroup,
  type Timeout,
  cancelScope,
  coroutine,
  fromPromise,
  moveOnAfter,
  run,
  sleep,
  taskGroup,
  timeout,
  timeoutAt,
} from "tsyncio";
import { describe, expect, expectTypeOf, test } from "vitest";

describe("a body", () => {
  test("is a coroutine function, whose argument is typed by the scope", () =>
    run(
      coroutine(function* () {
        const value = yield* taskGroup(
          coroutine(function* (tg) {
            expectTypeOf(tg).toEqualTypeOf<TaskGroup>();
            const task = tg.createTask(sleep(0, "child"));
            expectTypeOf(task).toEqualTypeOf<Task<string>>();
            return yield* task;
          }),
        );
        expectTypeOf(value).toEqualTypeOf<string>();
        const limited = yield* timeout(
          100,
          coroutine(function* (limit) {
            expectTypeOf(limit).toEqualTypeOf<Timeout>();
            yield* sleep(0);
            return limit.expired();
          }),
        );
        expect([value, limited]).toEqual(["child", false]);
      }),
    ));

  test("is a plain generator function", () =>
    run(
      coroutine(function* () {
        const seen = [
          yield* taskGroup(function* (tg) {
            return yield* tg.createTask(sleep(0, 1));
          }),
          yield* timeout(100, function* () {
            return yield* sleep(0, 2);
          }),
          yield* timeoutAt(null, function* () {
            return yield* sleep(0, 3);
          }),
          yield* cancelScope(function* () {
            return yield* sleep(0, 4);
          }),
          (yield* moveOnAfter(100, function* () {
            return yield* sleep(0, 5);
          })).value,
          yield* taskGroup(function* (tg) {
            return yield* tg.start(function* (started: Started<number>) {
              yield* sleep(0);
              started(6);
            });
          }),
        ];
        expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
      }),
    ));

  test("is a function that gives anything to await: a wait, a task, a native promise", () =>
    run(
      coroutine(function* () {
        const seen = [
          yield* timeout(100, () => sleep(0, "wait")),
          yield* taskGroup((tg) => tg.createTask(sleep(0, "task"))),
          yield* timeout(100, () => Promise.resolve("promise")),
          yield* timeout(100, () => fromPromise(Promise.resolve("adopted"))),
        ];
        expect(seen).toEqual(["wait", "task", "promise", "adopted"]);
      }),
    ));

  test("is named in the stack of its task", () =>
    run(
      coroutine(function* () {
        let names: string[] = [];
        yield* timeout(100, function* named() {
          yield* taskGroup(function* inner(tg) {
            yield* sleep(0);
            names = tg.parent.getStack().map((co: Coroutine<unknown>) => co.name);
          });
        });
        expect(names.slice(-4)).toEqual(["timeout", "named", "taskGroup", "inner"]);
      }),
    ));
});
