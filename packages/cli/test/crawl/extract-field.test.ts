import { expect, test } from "vitest";
import { extractField } from "../../src/crawl/extract-field.ts";

test.each([
  ["title=h1", "title", { selector: "h1" }],
  ["price=.price::number", "price", { selector: ".price", as: "number" }],
  ["links[]=a.more@href::url", "links", { selector: "a.more", all: true, attr: "href", as: "url" }],
  ['x=a[rel="next=1"]@data-x', "x", { selector: 'a[rel="next=1"]', attr: "data-x" }],
  ["first=li:first-child", "first", { selector: "li:first-child" }],
])("%s is a field", (text, name, field) => expect(extractField(text)).toEqual([name, field]));

test.each(["title", "=h1", "title=", "title=@href"])("%s is none", (text) =>
  expect(() => extractField(text)).toThrow(
    `Cannot extract "${text}": expected name=selector, such as title=h1 or links[]=a@href::url`,
  ),
);
