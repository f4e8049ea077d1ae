import { load, type CheerioAPI } from "cheerio/slim";
import { ExtractError } from "../errors.ts";
import { readNumber } from "./read-number.ts";

/** What is to be read from a page: names of fields, each with a selector, or with more than that. */
export interface Extraction {
  readonly [field: string]: string | ExtractField;
}

/** How a field is read. */
export interface ExtractField {
  /** A CSS selector. Without one, the element that the surrounding `fields` belong to, or the document. */
  readonly selector?: string;
  /** An attribute, instead of the text. */
  readonly attr?: string;
  /** Every element that matches, as an array, instead of the first. Default: false. */
  readonly all?: boolean;
  /**
   * As what. `"text"`: white space made single spaces; `"html"`: the markup inside; `"number"`: the first number, with
   * its thousands and decimal marks; `"url"`: absolute; `"date"`: as `Date` reads it. Or a function of the text: `Number`.
   * Default: `"text"`.
   */
  readonly as?: "text" | "html" | "number" | "url" | "date" | ((text: string) => unknown);
  /** Fields of the element, instead of its text: with `all`, an object for each. */
  readonly fields?: Extraction;
  /** Whether a page without it is a fault: `ExtractError`. Default: false, it is null. */
  readonly required?: boolean;
}

/** What an extraction gives. */
export type Extracted<E extends Extraction> = { -readonly [K in keyof E]: FieldValue<E[K]> };

type FieldValue<F> = F extends string
  ? string | null
  : F extends { readonly all: true }
    ? OneValue<F>[]
    : F extends { readonly required: true }
      ? OneValue<F>
      : OneValue<F> | null;

type OneValue<F> = F extends { readonly fields: infer Inner extends Extraction }
  ? Extracted<Inner>
  : F extends { readonly as: "number" }
    ? number
    : F extends { readonly as: "date" }
      ? Date
      : F extends { readonly as: (text: string) => infer T }
        ? T
        : string;

const KINDS = new Set(["text", "html", "number", "url", "date"]);

/**
 * Checks an extraction before a crawl begins.
 *
 * @throws {TypeError} for what is none: a selector that cannot be read, a kind that does not exist.
 */
export function checkExtraction(extraction: Extraction, path = ""): void {
  if (typeof extraction !== "object" || extraction === null)
    throw new TypeError(`Cannot extract: expected an object of fields, received ${String(extraction)}`);
  for (const [name, given] of Object.entries(extraction)) {
    const field = typeof given === "string" ? { selector: given } : given;
    const where = path + name;
    if (typeof field !== "object" || field === null)
      throw new TypeError(`Cannot extract "${where}": expected a selector or an object, received ${String(given)}`);
    if (field.selector !== undefined) checkSelector(field.selector, where);
    if (field.as !== undefined && typeof field.as !== "function" && !KINDS.has(field.as))
      throw new TypeError(
        `Cannot extract "${where}": as must be one of ${[...KINDS].join(", ")}, received "${field.as}"`,
      );
    if (field.fields !== undefined) checkExtraction(field.fields, `${where}.`);
  }
}

function checkSelector(selector: string, where: string): void {
  try {
    empty(selector);
  } catch (error) {
    throw new TypeError(`Cannot extract "${where}": "${selector}" is no selector; ${(error as Error).message}`, {
      cause: error,
    });
  }
}

const empty = load("");

/** Where an extraction reads. */
export interface ExtractSource {
  readonly $: CheerioAPI;
  /** The absolute form of an address of the page; null when it has none. */
  absolute(address: string): string | null;
}

/**
 * Reads fields from a page. A field that is not there is null, or an empty array with `all`.
 *
 * @throws {ExtractError} for a required field that is not there.
 */
export function extract<E extends Extraction>(source: ExtractSource, extraction: E): Extracted<E> {
  return readFields(source, source.$.root() as never, extraction, "") as Extracted<E>;
}

type Selection = ReturnType<CheerioAPI>;

function readFields(source: ExtractSource, within: Selection, extraction: Extraction, path: string): object {
  const result: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(extraction)) {
    const field = typeof given === "string" ? { selector: given } : given;
    result[name] = readField(source, within, field, path + name);
  }
  return result;
}

function readField(source: ExtractSource, within: Selection, field: ExtractField, path: string): unknown {
  const found = field.selector === undefined ? within : within.find(field.selector);
  if (field.all === true) {
    const values: unknown[] = [];
    for (let i = 0; i < found.length; i++) {
      const value = readElement(source, found.eq(i), field, `${path}[${i}]`);
      if (value !== null) values.push(value);
    }
    if (values.length === 0 && field.required === true) throw missing(field, path);
    return values;
  }
  const value = found.length === 0 ? null : readElement(source, found.eq(0), field, path);
  if (value === null && field.required === true) throw missing(field, path);
  return value;
}

function missing({ selector }: ExtractField, path: string): ExtractError {
  const what = selector === undefined ? "" : ` by "${selector}"`;
  return new ExtractError(`Cannot extract "${path}": the page has none${what}; leave out required to have null`, path);
}

function readElement(source: ExtractSource, element: Selection, field: ExtractField, path: string): unknown {
  if (field.fields !== undefined) return readFields(source, element, field.fields, `${path}.`);
  const { as = "text" } = field;
  if (as === "html" && field.attr === undefined) return element.html();
  const raw = field.attr === undefined ? element.text() : element.attr(field.attr);
  if (raw === undefined) return null;
  const text = raw.replace(/\s+/g, " ").trim();
  if (typeof as === "function") return as(text);
  if (as === "number") return readNumber(text);
  if (as === "url") return text === "" ? null : source.absolute(text);
  if (as !== "date") return text === "" ? null : text;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? null : date;
}
