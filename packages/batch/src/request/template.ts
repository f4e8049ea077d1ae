import { InputFault } from "../errors.ts";
import type { BatchRequest, ItemInfo } from "./batch-request.ts";
import { fieldAt, missing } from "./field.ts";

/**
 * A request with places for the fields of an item: `{{name}}`, `{{user.name}}`, `{{tags.0}}`. `{{$value}}` is the whole item,
 * `{{$id}}` and `{{$line}}` are its id and line, `{{$env.NAME}}` is a variable of the environment.
 *
 * In the URL a field is encoded, so that it stays one part of it; except at its very beginning, where it may be an address. In
 * headers, in texts of the body and in the keys of its objects it is inserted as text. A text of a JSON body that is nothing but
 * one place becomes the field itself: a number stays a number, an object an object.
 */
export interface RequestTemplate extends Pick<
  BatchRequest,
  "json" | "form" | "timeout" | "maxBodySize" | "decompress"
> {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: string;
}

const PLACE = /\{\{\s*([^{}]+?)\s*\}\}/g;
const ONLY_PLACE = /^\{\{\s*([^{}]+?)\s*\}\}$/;

/**
 * A function that fills a template.
 *
 * @throws {TypeError} for what is no template, and for a variable of the environment that is not set.
 */
export function fillTemplate(template: RequestTemplate): (value: unknown, item: ItemInfo) => BatchRequest {
  if (typeof template !== "object" || template === null || typeof template.url !== "string")
    throw new TypeError("Cannot make requests: a template needs a url");
  const compiled = compile(template);
  return (value, item) => {
    const { url, ...rest } = compiled({ value, item }) as { readonly url: string };
    return { url, ...rest };
  };
}

interface Filling {
  readonly value: unknown;
  readonly item: ItemInfo;
}

type Part = (filling: Filling) => unknown;

function compile({ url, headers, query, json, form, body, ...plain }: RequestTemplate): Part {
  const parts: [name: string, part: Part][] = [["url", inUrl(url)]];
  if (headers !== undefined) parts.push(["headers", inText(headers, asText)]);
  if (query !== undefined) parts.push(["query", inText(query, asText)]);
  if (form !== undefined) parts.push(["form", inText(form, asText)]);
  if (body !== undefined) parts.push(["body", inText(body, asText)]);
  if (json !== undefined) parts.push(["json", inText(json, asItIs)]);
  return (filling) => {
    const request: Record<string, unknown> = { ...plain };
    for (const [name, part] of parts) request[name] = part(filling);
    return request;
  };
}

/** What becomes of a text that is one place and nothing else. */
type Whole = (found: unknown) => unknown;
const asItIs: Whole = (found) => found;

/** Any JSON with texts that have places. What has none is used as it is. */
function inText(template: unknown, whole: Whole): Part {
  if (typeof template === "string") return ofText(template, whole);
  if (Array.isArray(template)) {
    const parts = template.map((entry) => inText(entry, whole));
    return (filling) => parts.map((part) => part(filling));
  }
  if (typeof template !== "object" || template === null || template instanceof Uint8Array) return () => template;
  const entries = Object.entries(template).map(([key, entry]) => [ofText(key, asText), inText(entry, whole)] as const);
  return (filling) => Object.fromEntries(entries.map(([key, part]) => [key(filling), part(filling)]));
}

function ofText(template: string, whole: Whole): Part {
  const only = ONLY_PLACE.exec(template);
  if (only !== null) {
    const place = placeOf(only[1] as string);
    return (filling) => whole(place(filling));
  }
  return joined(template, () => asText);
}

/** A field belongs to one part of a URL, unless it is the beginning of it. */
function inUrl(template: string): Part {
  return joined(template, (at) => (at === 0 ? asText : (found) => encodeURIComponent(asText(found))));
}

function joined(template: string, textAt: (at: number) => (found: unknown) => string): Part {
  const parts: (string | Part)[] = [];
  let from = 0;
  for (const match of template.matchAll(PLACE)) {
    const place = placeOf(match[1] as string);
    const text = textAt(match.index);
    parts.push(template.slice(from, match.index), (filling) => text(place(filling)));
    from = match.index + match[0].length;
  }
  if (parts.length === 0) return () => template;
  parts.push(template.slice(from));
  return (filling) => parts.map((part) => (typeof part === "string" ? part : part(filling))).join("");
}

function asText(found: unknown): string {
  if (typeof found === "string") return found;
  return found === null || found === undefined ? "" : typeof found === "object" ? JSON.stringify(found) : String(found);
}

function placeOf(name: string): Part {
  if (name === "$id") return ({ item }) => item.id;
  if (name === "$line") return ({ item }) => item.line;
  if (name === "$value") return ({ value }) => value;
  if (name.startsWith("$env.")) {
    const variable = process.env[name.slice(5)];
    if (variable === undefined)
      throw new TypeError(`Cannot fill {{${name}}}: the environment has no variable "${name.slice(5)}"`);
    return () => variable;
  }
  if (name.startsWith("$"))
    throw new TypeError(`Cannot fill {{${name}}}: expected a field, $value, $id, $line or $env.NAME`);
  return ({ value, item }) => {
    const found = fieldAt(value, name);
    if (found === missing) throw new InputFault(`Cannot fill {{${name}}}: line ${item.line} has no such field`);
    return found;
  };
}
