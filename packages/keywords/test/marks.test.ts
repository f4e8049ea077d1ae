import { expect, test } from "vitest";
import { bothWays } from "./both-ways.ts";

test("every compiled function is known as a coroutine function, but private methods of instances", async () => {
  const { compiled } = await bothWays(`
    async function declared() {}
    { async function block() {} log(isCoroutineFunction(block)); }
    class A { async m() {} static async s() {} async ["c" + 1]() {} f = async () => 1; }
    const o = { async m() {}, async s() { return super.toString(); }, f: async function () {}, a: async () => { await 1; } };
    return [declared, new A().m, A.s, new A().c1, new A().f, o.m, o.s, o.f, o.a, async () => 1, async function self() { self; }].map(isCoroutineFunction);`);
  expect(compiled).toEqual({ log: [true], result: Array.from({ length: 11 }, () => true) });
});

test("plain, generator and native functions are none", async () => {
  const { compiled } = await bothWays(`
    function plain() {} function* generator() {} async function native() { "native async"; }
    return [plain, generator, native, () => 1].map(isCoroutineFunction);`);
  expect(compiled.result).toEqual([false, false, false, false]);
});

test("async generator functions are none, as in Python", async () => {
  const { compiled } = await bothWays(`
    async function* declared() {}
    class A { async *m() {} static async *s() { return super.x; } }
    const o = { async *m() {}, async *s() { return super.x; }, f: async function* () {}, g: async function* self() { self; } };
    return [declared, new A().m, A.s, o.m, o.s, o.f, o.g].map(isCoroutineFunction);`);
  expect(compiled.result).toEqual(Array.from({ length: 7 }, () => false));
});
