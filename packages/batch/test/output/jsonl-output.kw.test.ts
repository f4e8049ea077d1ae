import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchError, OutputLockedError, ResultsError, type SyncPolicy, jsonlOutput } from "@tsyncio/batch";
import { run } from "tsyncio";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { failureOf, opened, recordedBy, resultOf } from "./recorded.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tsyncio-batch-output-"));
  path = join(folder, "results.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

const lines = () => readFileSync(path, "utf8").split("\n");

test("a result is in the file when write() returns, and its line says everything", () =>
  run(async () => {
    const { store } = await opened(jsonlOutput(path));
    const waits = store.write(resultOf(1, { id: 'a\n"b"', usage: { tokens: 3 } }), 0);
    expect(lines()).toEqual([
      '{"id":"a\\n\\"b\\"","ok":true,"line":1,"status":200,"attempts":1,"elapsed":1.5,"result":{"of":1},"usage":{"tokens":3}}',
      "",
    ]);
    await waits;
    await store.close(true);
  }));

test.each(["always", 5, false] as SyncPolicy[])(
  "with sync %o everything is written, also what came during a sync",
  (sync) =>
    run(async () => {
      const { store } = await opened(jsonlOutput(path, { sync }));
      const waits = Array.from({ length: 50 }, (_, i) => store.write(resultOf(i + 1), i));
      for (const wait of waits) await wait;
      await store.close(true);
      expect(lines()).toHaveLength(51);
    }),
);

describe("what an earlier run has left", () => {
  test("is told, with ids of every kind", () =>
    run(async () => {
      const ids = [1, 2.5, -3, "a", 'quoted "x"', "ü€😀", "17"];
      const first = await opened(jsonlOutput(path));
      for (const [i, id] of ids.entries()) first.store.write({ ...(i === 3 ? failureOf(i) : resultOf(i)), id }, i);
      await first.store.close(true);
      const { store, recorded } = await opened(jsonlOutput(path));
      expect(recorded).toEqual(ids.map((id, i) => [id, i !== 3]));
      expect(store.mended).toBe(0);
      await store.close(true);
    }));

  test("is mended when its last line is torn, wherever that was", () =>
    run(async () => {
      const whole = `${JSON.stringify(resultOf(1))}\n`;
      const torn = JSON.stringify(resultOf(2));
      for (let length = 1; length < torn.length; length++) {
        writeFileSync(path, whole + torn.slice(0, length));
        const { store, recorded } = await opened(jsonlOutput(path));
        expect([recorded, store.mended]).toEqual([[[1, true]], length]);
        await store.close(false);
        expect(readFileSync(path, "utf8")).toBe(whole);
      }
    }));

  test("keeps a last line that lacks nothing but its line feed", () =>
    run(async () => {
      writeFileSync(path, JSON.stringify(resultOf(1)));
      const { store, recorded } = await opened(jsonlOutput(path));
      store.write(resultOf(2), 1);
      await store.close(true);
      expect(recorded).toEqual([[1, true]]);
      expect(
        lines()
          .slice(0, 2)
          .map((line) => JSON.parse(line).id),
      ).toEqual([1, 2]);
    }));

  test("is mended when its torn line is very long", () =>
    run(async () => {
      const whole = `${JSON.stringify(resultOf(1))}\n`;
      writeFileSync(path, `${whole}{"id":2,"ok":true,"result":"${"x".repeat(300_000)}`);
      const { store } = await opened(jsonlOutput(path));
      expect([store.mended, statSync(path).size]).toEqual([300_028, whole.length]);
      await store.close(false);
    }));

  test("is read when somebody has written it anew, with other spaces and another order", () =>
    run(async () => {
      writeFileSync(path, '{ "ok": false, "id": "a" }\n\n{"line":1,"id":2,"ok":true}\n');
      const { store, recorded } = await opened(jsonlOutput(path));
      expect(recorded).toEqual([
        ["a", false],
        [2, true],
      ]);
      await store.close(false);
    }));

  test.each(['{"a":1}', "not json", '{"id":{},"ok":true}', '{"id":1,"ok":"yes"}', "[]"])(
    "is refused with its line when it holds %s",
    (line) =>
      run(async () => {
        const text = `${JSON.stringify(resultOf(1))}\n${line}\n${JSON.stringify(resultOf(3))}\n`;
        writeFileSync(path, text);
        const store = jsonlOutput(path).open();
        await expect(Promise.resolve(recordedBy(store))).rejects.toThrow(
          new ResultsError(
            `Cannot continue ${path}: line 2 is no result of a batch; name another output than results.jsonl, or remove that line (its request is sent again then)`,
          ),
        );
        await store.close(false);
        expect(readFileSync(path, "utf8")).toBe(text);
      }),
  );
});

test("forgets failures, and only them", () =>
  run(async () => {
    const first = await opened(jsonlOutput(path));
    for (const line of [1, 2, 3, 4, 5]) first.store.write(line % 2 === 0 ? failureOf(line) : resultOf(line), line - 1);
    await first.store.close(true);
    const store = jsonlOutput(path).open();
    expect(await store.forgetFailed()).toBe(2);
    expect((await recordedBy(store)).map(([id]) => id)).toEqual([1, 3, 5]);
    await store.write(resultOf(4), 3);
    await store.close(true);
    expect(
      lines()
        .filter(Boolean)
        .map((line) => JSON.parse(line).id),
    ).toEqual([1, 3, 5, 4]);
    expect(existsSync(`${path}.new`)).toBe(false);
  }));

test("is open once at a time", () =>
  run(async () => {
    const store = jsonlOutput(path).open();
    expect(() => jsonlOutput(path).open()).toThrow(OutputLockedError);
    await store.close(false);
    await jsonlOutput(path).open().close(false);
  }));

test.runIf(existsSync("/dev/full"))("a full disk is told, and the lock is given back", () =>
  run(async () => {
    const store = jsonlOutput("/dev/full").open();
    expect(() => store.write(resultOf(1), 0)).toThrow(
      new BatchError("Cannot write /dev/full: ENOSPC: no space left on device, write"),
    );
    await store.close(false).catch(() => {});
    rmSync("/dev/full.lock", { force: true });
  }),
);

describe("in the order of the input", () => {
  const inOrder = (window = 10_000) => jsonlOutput(path, { order: "input", window });
  const ids = (text: string) =>
    text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line).id);
  const inFile = () => ids(readFileSync(path, "utf8"));
  const pending = () => ids(readFileSync(`${path}.pending`, "utf8"));

  test("a result that comes too early waits in the file beside", () =>
    run(async () => {
      const { store } = await opened(inOrder());
      store.write(resultOf(3), 2);
      store.write(resultOf(2), 1);
      expect([inFile(), pending()]).toEqual([[], [3, 2]]);
      store.write(resultOf(1), 0);
      expect(inFile()).toEqual([1, 2, 3]);
      await store.close(true);
      expect(existsSync(`${path}.pending`)).toBe(false);
    }));

  test("what waited when the process died is known, and comes in its turn", () =>
    run(async () => {
      const first = await opened(inOrder());
      first.store.write(resultOf(1), 0);
      first.store.write(resultOf(3), 2);
      first.store.write(resultOf(4), 3);
      await first.store.close(false);
      expect([inFile(), pending()]).toEqual([[1], [3, 4]]);
      const { store, recorded } = await opened(inOrder());
      expect(recorded.map(([id]) => id)).toEqual([1, 3, 4]);
      store.ordering!.taken(0, 1);
      store.ordering!.taken(2, 3);
      expect(inFile()).toEqual([1]);
      store.write(resultOf(2), 1);
      expect(inFile()).toEqual([1, 2, 3]);
      store.ordering!.taken(3, 4);
      expect(inFile()).toEqual([1, 2, 3, 4]);
      await store.close(true);
    }));

  test("what had moved on before the process died is not told twice", () =>
    run(async () => {
      writeFileSync(path, `${JSON.stringify(resultOf(1))}\n`);
      writeFileSync(`${path}.pending`, `${JSON.stringify(resultOf(1))}\n{"id":2,"ok":tr`);
      const { store, recorded } = await opened(inOrder());
      expect([recorded, store.mended]).toEqual([[[1, true]], 15]);
      await store.close(true);
      expect([inFile(), existsSync(`${path}.pending`)]).toEqual([[1], false]);
    }));

  test("sending may be ahead by the window, and not more", () =>
    run(async () => {
      const { store } = await opened(inOrder(2));
      const ordering = store.ordering!;
      await ordering.room(0);
      await ordering.room(1);
      const log: string[] = [];
      const waiting = (async () => {
        await ordering.room(2);
        log.push("room");
      })();
      store.write(resultOf(2), 1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      log.push("first written");
      store.write(resultOf(1), 0);
      await waiting;
      expect(log).toEqual(["first written", "room"]);
      await store.close(true);
    }));

  test("failures that are forgotten are filled in where they stood", () =>
    run(async () => {
      const first = await opened(inOrder());
      for (const line of [1, 2, 3, 4, 5])
        first.store.write(line === 2 || line === 4 ? failureOf(line) : resultOf(line), line - 1);
      await first.store.close(true);
      const store = inOrder().open();
      expect(await store.forgetFailed()).toBe(2);
      expect((await recordedBy(store)).map(([id]) => id)).toEqual([1, 3, 5]);
      for (const line of [1, 3, 5]) store.ordering!.taken(line - 1, line);
      store.write(resultOf(4), 3);
      store.write(resultOf(2), 1);
      await store.close(true);
      expect(inFile()).toEqual([1, 2, 3, 4, 5]);
    }));

  test("the file beside is cleaned of what has moved on", () =>
    run(async () => {
      const { store } = await opened(inOrder());
      const large = "x".repeat(100_000);
      let most = 0;
      // The first of each pair comes last, and one far ahead stays all the time.
      store.write(resultOf(1_000), 999);
      for (let line = 1; line < 400; line += 2) {
        store.write(resultOf(line + 1, { result: large }), line);
        store.write(resultOf(line, { result: large }), line - 1);
        most = Math.max(most, statSync(`${path}.pending`).size);
      }
      expect(most).toBeLessThan(5 * 2 ** 20);
      expect(inFile()).toEqual(Array.from({ length: 400 }, (_, i) => i + 1));
      for (let line = 401; line < 1_000; line++) store.ordering!.taken(line - 1, `gone ${line}`);
      expect(inFile().at(-1)).toBe(1_000);
      await store.close(true);
    }));

  test("results of ids that the input has no more come at the end", () =>
    run(async () => {
      const first = await opened(inOrder());
      first.store.write(resultOf(7), 3);
      await first.store.close(false);
      const { store } = await opened(inOrder());
      store.write(resultOf(1), 0);
      await store.close(true);
      expect(inFile()).toEqual([1, 7]);
    }));

  test("what is left of it comes along when the next run takes any order", () =>
    run(async () => {
      const first = await opened(inOrder());
      first.store.write(resultOf(1), 0);
      first.store.write(resultOf(3), 2);
      await first.store.close(false);
      appendFileSync(`${path}.pending`, '{"torn');
      const { store, recorded } = await opened(jsonlOutput(path));
      expect(recorded.map(([id]) => id)).toEqual([1, 3]);
      await store.close(true);
      expect([inFile(), existsSync(`${path}.pending`)]).toEqual([[1, 3], false]);
    }));
});

test("options that have no meaning are refused at the call", () => {
  expect(() => jsonlOutput("")).toThrow(TypeError);
  expect(() => jsonlOutput(path, { order: "random" as never })).toThrow(
    new TypeError('Cannot write results in order "random": expected "any" or "input"'),
  );
  expect(() => jsonlOutput(path, { window: 0 })).toThrow(
    new RangeError("Cannot write results: window must be an integer >= 1, received 0"),
  );
  expect(() => jsonlOutput(path, { sync: -1 })).toThrow(RangeError);
});
