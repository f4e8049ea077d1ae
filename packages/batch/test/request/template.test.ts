import { InputFault, type RequestTemplate } from "@tsyncio/batch";
import { afterEach, describe, expect, test } from "vitest";
import { fillTemplate } from "../../src/request/template.ts";

const item = { id: "x", line: 3 };
const fill = (template: RequestTemplate, value: unknown) => fillTemplate(template)(value, item);

describe("a template", () => {
  test("has fields of the item in its URL, encoded", () => {
    expect(
      fill({ url: "http://a/{{name}}/{{user.age}}?q={{ q }}" }, { name: "a/b c", user: { age: 7 }, q: "x&y" }),
    ).toEqual({
      url: "http://a/a%2Fb%20c/7?q=x%26y",
    });
  });

  test("takes a whole address from the item as it is", () => {
    expect(fill({ url: "{{url}}" }, { url: "http://a/b?c=d" }).url).toBe("http://a/b?c=d");
    expect(fill({ url: "{{base}}/x/{{name}}" }, { base: "http://a", name: "/" }).url).toBe("http://a/x/%2F");
  });

  test("keeps the type of a field that is a text of JSON alone, and makes text of it elsewhere", () => {
    const json = { n: "{{n}}", list: ["{{o}}", "n is {{n}}", 5, null], "key {{n}}": { deep: "{{o}} {{nothing}}" } };
    expect(fill({ url: "http://a/", json }, { n: 1, o: { a: [] }, nothing: null }).json).toEqual({
      n: 1,
      list: [{ a: [] }, "n is 1", 5, null],
      "key 1": { deep: '{"a":[]} ' },
    });
  });

  test("fills headers, query, form and a body of text", () => {
    const template = {
      url: "http://a/",
      headers: { "x-{{n}}": "{{n}}" },
      query: { q: "{{n}}" },
      form: { f: "{{n}}!" },
      body: "<{{n}}>",
    };
    expect(fill(template as RequestTemplate, { n: 1 })).toEqual({
      url: "http://a/",
      headers: { "x-1": "1" },
      query: { q: "1" },
      form: { f: "1!" },
      body: "<1>",
    });
  });

  test("knows the item, its id and its line", () => {
    expect(fill({ url: "http://a/{{$id}}/{{$line}}", json: "{{$value}}" }, ["v"])).toEqual({
      url: "http://a/x/3",
      json: ["v"],
    });
  });

  test("keeps what has no places as it is", () => {
    const template = { url: "http://a/", method: "PUT", timeout: "5s", json: { a: "{ {b}}" } } as const;
    expect(fill(template, {})).toEqual(template);
  });

  test("prefers a field whose name has the point in it", () => {
    expect(fill({ url: "http://a/{{a.b}}" }, { "a.b": 1, a: { b: 2 } }).url).toBe("http://a/1");
  });

  test("says which field a line does not have", () => {
    expect(() => fill({ url: "http://a/{{toString}}" }, {})).toThrow(
      new InputFault("Cannot fill {{toString}}: line 3 has no such field"),
    );
    expect(() => fill({ url: "http://a/{{a.b.c}}" }, { a: { b: null } })).toThrow(InputFault);
  });
});

describe("a variable of the environment", () => {
  afterEach(() => delete process.env["TSYNCIO_TEST_TOKEN"]);

  test("is read once, when the template is", () => {
    process.env["TSYNCIO_TEST_TOKEN"] = "secret";
    const filled = fillTemplate({ url: "http://a/", headers: { authorization: "Bearer {{$env.TSYNCIO_TEST_TOKEN}}" } });
    delete process.env["TSYNCIO_TEST_TOKEN"];
    expect(filled({}, item).headers).toEqual({ authorization: "Bearer secret" });
  });

  test("must be there", () => {
    expect(() => fillTemplate({ url: "http://a/{{$env.TSYNCIO_TEST_TOKEN}}" })).toThrow(
      new TypeError('Cannot fill {{$env.TSYNCIO_TEST_TOKEN}}: the environment has no variable "TSYNCIO_TEST_TOKEN"'),
    );
    expect(() => fillTemplate({ url: "http://a/{{$foo}}" })).toThrow(
      "Cannot fill {{$foo}}: expected a field, $value, $id, $line or $env.NAME",
    );
  });
});

test("what is no template is refused", () => {
  expect(() => fillTemplate({} as never)).toThrow(new TypeError("Cannot make requests: a template needs a url"));
});
