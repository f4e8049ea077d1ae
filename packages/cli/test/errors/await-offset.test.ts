import { describe, expect, test } from "vitest";
import { awaitOffset } from "../../src/errors/await-offset.ts";

/** The text at which the await of `callee` begins. */
function awaitIn(text: string, callee: string): string | undefined {
  const offset = awaitOffset(text, callee);
  return offset === undefined ? undefined : text.slice(offset, offset + 24);
}

describe("the await of a callee", () => {
  test("is the only one there is, whatever it awaits", () => {
    expect(awaitIn("function* main$() { $enter(job) === $SUSPEND ? yield : 0; }", "inner")).toMatch(/^\$enter\(job\)/);
  });

  test("is the one that calls it, as a function or as a method", () => {
    const text = `function* main$() { let $;
      $enter(sleep(1)) === $SUSPEND ? yield : 0;
      const x = typeof ($ = $enter(this.reader.read(1))) === "symbol" && $ === $SUSPEND ? yield : $;
      return x; }`;
    expect(awaitIn(text, "sleep")).toMatch(/^\$enter\(sleep\(1\)\)/);
    expect(awaitIn(text, "Reader.read")).toMatch(/^\$enter\(this\.reader/);
  });

  test("is the one that calls something with it", () => {
    const text = `function* main$() {
      $enter(sleep(1)) === $SUSPEND ? yield : 0;
      $enter(gather(job(1), job(2))) === $SUSPEND ? yield : 0; }`;
    expect(awaitIn(text, "job")).toMatch(/^\$enter\(gather\(/);
  });

  test("is not one of a function within", () => {
    const text = `*main() {
      const nested = function* () { $enter(job()) === $SUSPEND ? yield : 0; };
      $enter(run(job)) === $SUSPEND ? yield : 0; }`;
    expect(awaitIn(text, "job")).toMatch(/^\$enter\(run\(/);
  });

  test("is the one of the function expression that is called, for a callee without a name", () => {
    const text = `function* main$() {
      $enter(sleep(1)) === $SUSPEND ? yield : 0;
      $enter((() => 1)()) === $SUSPEND ? yield : 0; }`;
    expect(awaitIn(text, "anonymous")).toMatch(/^\$enter\(\(\(\)/);
  });

  test("is the one of the loop when no other is meant", () => {
    const text = `function* main$() { let $;
      $enter(sleep(1)) === $SUSPEND ? yield : 0;
      const $it = $iterate(pages());
      while ($it.more(($ = $it.advance()) === $SUSPEND ? yield : $)) { const x = $it.item; }
      ($ = $it.close()) === $SUSPEND ? yield : 0; }`;
    expect(awaitIn(text, "pages")).toMatch(/^\$it\.advance\(\)/);
  });

  test("is one whose generator is started where it stands", () => {
    const text = `function* main$(x) { let $;
      $call(first$, 1, first$(x)) === $SUSPEND ? yield : 0;
      const y = (typeof ($ = $callTail(second$, x)) === "symbol" && $ === $SUSPEND ? yield : $) + 1;
      return x ? $call(third$, 1, third$(y)) : $enter(fourth()); }`;
    expect(awaitIn(text, "first")).toMatch(/^\$call\(first/);
    expect(awaitIn(text, "second")).toMatch(/^\$callTail\(second/);
    expect(awaitIn(text, "third")).toMatch(/^\$call\(third/);
    expect(awaitIn(text, "fourth")).toMatch(/^\$enter\(fourth/);
  });

  test("is what a function without a generator returns", () => {
    const text = "function page$(x) { if (x) return load(x); return other(x); }";
    expect(awaitIn(text, "load")).toMatch(/^load\(x\)/);
    const called =
      "function page$(x) { if (x) return $callTail(load$, x, rest()); return $callTail(other$, x, load()); }";
    expect(awaitIn(called, "load")).toMatch(/^\$callTail\(load\$/);
    expect(awaitIn(called, "other")).toMatch(/^\$callTail\(other\$/);
  });

  test("is found in the generator spelling", () => {
    expect(awaitIn("function* () { yield* sleep(1); yield* job(); }", "job")).toMatch(/^yield\* job\(\)/);
  });

  test("is unknown where several are meant, and in what is no function", () => {
    expect(awaitOffset("function* () { yield* job(1); yield* job(2); }", "job")).toBeUndefined();
    expect(awaitOffset("function bound() { [native code] }", "job")).toBeUndefined();
  });
});
