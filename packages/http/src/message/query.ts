/** The value of a parameter. */
export type QueryValue = string | number | bigint | boolean | null | undefined;

/** Parameters of a URL or a form: arrays make several of one name, null and undefined none. */
export type QueryValues =
  | Readonly<Record<string, QueryValue | readonly QueryValue[]>>
  | Iterable<readonly [name: string, value: string]>
  | string;

/**
 * As parameters of a URL.
 *
 * @param what for the message: `"query"`. @throws {TypeError} for a value that is none.
 */
export function parametersOf(values: QueryValues, what: string): URLSearchParams {
  if (typeof values === "string") return new URLSearchParams(values);
  if (typeof values !== "object" || values === null)
    throw new TypeError(`Cannot send ${what}: expected an object, pairs or text, received ${String(values)}`);
  if (Symbol.iterator in values) return new URLSearchParams([...values] as [string, string][]);
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    for (const one of Array.isArray(value) ? value : [value]) append(parameters, name, one, what);
  return parameters;
}

function append(parameters: URLSearchParams, name: string, value: unknown, what: string): void {
  if (value === null || value === undefined) return;
  if (typeof value === "object" || typeof value === "function" || typeof value === "symbol")
    throw new TypeError(
      `Cannot send ${what}: "${name}" must be text, a number or a boolean, received ${String(value)}`,
    );
  parameters.append(name, String(value));
}

/** Adds parameters to those that the URL has. */
export function addQuery(url: URL, values: QueryValues): void {
  for (const [name, value] of parametersOf(values, "query")) url.searchParams.append(name, value);
}
