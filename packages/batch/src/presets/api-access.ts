/** Where an API is, and who asks. */
export interface ApiAccess {
  /** Where it is: "https://api.openai.com/v1". */
  readonly baseUrl?: string;
  /** Default: the variable of the environment that the service itself has for it. */
  readonly apiKey?: string;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The address of one part of an API. */
export function endpoint({ baseUrl }: ApiAccess, standard: string, path: string): string {
  const base = baseUrl ?? standard;
  if (typeof base !== "string" || !/^https?:\/\//.test(base))
    throw new TypeError(`Cannot use the API at ${String(base)}: expected an address such as ${standard}`);
  return `${base.replace(/\/+$/, "")}${path}`;
}

/** The key; none for a server of one's own that wants none. */
export function keyOf({ apiKey, baseUrl }: ApiAccess, variable: string): string | null {
  const key = apiKey ?? process.env[variable];
  if (key !== undefined && key !== "") return key;
  if (baseUrl !== undefined) return null;
  throw new TypeError(`Cannot use the API without a key: pass apiKey, or set the variable ${variable}`);
}

export function checkModel(model: unknown): string {
  if (typeof model === "string" && model !== "") return model;
  throw new TypeError(`Cannot use model ${String(model)}: expected a name`);
}
