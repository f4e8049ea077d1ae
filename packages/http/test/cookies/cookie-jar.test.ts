import { mkdtempSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CookieJar } from "@tsyncio/http";
import { expect, test } from "vitest";

const folder = () => mkdtempSync(join(tmpdir(), "cookies-"));

test("a cookie goes where it belongs, and nowhere else", () => {
  const jar = new CookieJar();
  expect(jar.set("https://shop.example.com/login", "a=1; Path=/cart; Secure; Domain=example.com")).toBe(true);
  expect(jar.header("https://www.example.com/cart/1")).toBe("a=1");
  expect(jar.header("http://www.example.com/cart/1")).toBe(null);
  expect(jar.header("https://www.example.com/")).toBe(null);
  expect(jar.header("https://example.org/cart")).toBe(null);
});

test("one that a server may not set is left out", () => {
  const jar = new CookieJar();
  expect(jar.set("https://a.co.uk/", "a=1; Domain=co.uk")).toBe(false);
  expect(jar.set("https://a.example/", "a=1; Domain=b.example")).toBe(false);
  expect(jar.cookies()).toEqual([]);
});

test("one that has expired is gone", () => {
  const jar = new CookieJar();
  jar.set("https://a.example/", "a=1");
  jar.set("https://a.example/", "a=1; Max-Age=0");
  expect(jar.header("https://a.example/")).toBe(null);
});

test("a jar can be looked into, and emptied", () => {
  const jar = new CookieJar();
  jar.set("https://a.example/x/y", "a=1; HttpOnly; Expires=Tue, 01 Jan 2999 00:00:00 GMT");
  expect(jar.cookies("https://a.example/x")).toEqual([
    {
      name: "a",
      value: "1",
      domain: "a.example",
      hostOnly: true,
      path: "/x",
      expires: Date.UTC(2999, 0, 1),
      secure: false,
      httpOnly: true,
    },
  ]);
  jar.clear();
  expect(jar.cookies()).toEqual([]);
});

test("a jar comes back from JSON and from a file as it was, and only the user may read that", () => {
  const jar = new CookieJar();
  jar.set("https://a.example/", "a=1; Domain=a.example; Expires=Tue, 01 Jan 2999 00:00:00 GMT");
  jar.set("https://b.example/x/", "b=2; Path=/x; Secure");
  expect(CookieJar.fromJSON(JSON.parse(JSON.stringify(jar))).cookies()).toEqual(jar.cookies());
  const path = join(folder(), "jar.json");
  jar.save(path);
  jar.save(pathToFileURL(path));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(path, ".."))).toEqual(["jar.json"]);
  const loaded = CookieJar.load(pathToFileURL(path));
  expect(loaded.cookies()).toEqual(jar.cookies());
  expect(loaded.header("https://www.a.example/")).toBe("a=1");
});

test("what is no jar is refused", () => {
  expect(() => CookieJar.fromJSON({})).toThrow("Cannot read a cookie jar: expected what toJSON() gives");
  expect(() => CookieJar.fromJSON({ cookies: [1] })).toThrow("it has what is no cookie");
  const path = join(folder(), "jar.json");
  writeFileSync(path, "no");
  expect(() => CookieJar.load(path)).toThrow("is no JSON");
  expect(() => CookieJar.load(join(path, "..", "none"))).toThrow("ENOENT");
});
