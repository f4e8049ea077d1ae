import { type Quota, count } from "./quota.ts";

/** A member of a list or a dictionary of structured fields: `"burst";q=100;w=60`, or `limit=100`. */
interface Member {
  /** The item, or the key of the dictionary. */
  readonly name: string;
  /** Of the key. */
  readonly value: string | null;
  readonly parameters: ReadonlyMap<string, string>;
}

/** In draft 7 and before the fields say nothing of names: there is one limit. */
const NAMELESS = "default";

/**
 * What the fields `RateLimit` and `RateLimit-Policy` say, in the syntax of draft 8 and later (`"burst";r=50;t=30`) and in
 * that of draft 7 (`limit=100, remaining=50, reset=30`).
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-07
 */
export function rateLimitFields(headers: ReadonlyMap<string, string>): Quota[] {
  const state = headers.get("ratelimit");
  const policy = headers.get("ratelimit-policy");
  if (state === undefined && policy === undefined) return [];
  const policies = members(policy ?? "");
  const states = members(state ?? "");
  if (states.some(({ value }) => value !== null)) return draft7(states, policies);
  const quotas: Quota[] = [];
  for (const name of new Set([...policies, ...states].map((member) => member.name))) {
    const quota = draft8(name, policies.find(named(name)), states.find(named(name)));
    if (quota !== null) quotas.push(quota);
  }
  return quotas;
}

function draft8(name: string, policy: Member | undefined, state: Member | undefined): Quota | null {
  const dimension = policy?.parameters.get("qu") ?? "requests";
  // How many at once is not for us to count here.
  if (dimension === "concurrent-requests") return null;
  const limit = count(policy?.parameters.get("q")) ?? count(policy?.name);
  const remaining = count(state?.parameters.get("r"));
  if (limit === null && remaining === null) return null;
  return {
    name: `policy ${count(name) === null ? name : NAMELESS}`,
    dimension,
    limit,
    per: milliseconds(policy?.parameters.get("w")),
    remaining,
    resetsIn: milliseconds(state?.parameters.get("t")),
    refills: "at once",
  };
}

function draft7(states: readonly Member[], policies: readonly Member[]): Quota[] {
  const limit = count(states.find(named("limit"))?.value);
  const policy = policies.find(({ name }) => count(name) === limit);
  const remaining = count(states.find(named("remaining"))?.value);
  if (limit === null && remaining === null) return [];
  return [
    {
      name: `policy ${NAMELESS}`,
      dimension: "requests",
      limit,
      per: milliseconds(policy?.parameters.get("w")),
      remaining,
      resetsIn: milliseconds(states.find(named("reset"))?.value),
      refills: "at once",
    },
  ];
}

function named(name: string): (member: Member) => boolean {
  return (member) => member.name === name;
}

function milliseconds(seconds: string | null | undefined): number | null {
  const number = count(seconds);
  return number === null ? null : number * 1_000;
}

/** A comma or a semicolon outside of quotes, and an equals sign, divide. Lenient: what it cannot read it leaves out. */
const PIECES = /"(?:[^"\\]|\\.)*"|:[\w+/=]*:|[^,;="\s:]+|[,;=]/g;

/** @internal The members of a list or a dictionary. */
export function members(text: string): Member[] {
  const all: Member[] = [];
  let parameters = new Map<string, string>();
  let current: { name: string; value: string | null; parameters: Map<string, string> } | null = null;
  let key: string | null = null;
  let before = ",";
  for (const piece of text.match(PIECES) ?? []) {
    if (piece === "," || piece === ";" || piece === "=") before = piece;
    else if (before === ",") {
      parameters = new Map();
      current = { name: unquoted(piece), value: null, parameters };
      all.push(current);
      key = null;
      before = "";
    } else if (current !== null && before === ";") {
      parameters.set((key = piece.toLowerCase()), "");
      before = "";
    } else if (current !== null && before === "=") {
      if (key === null) current.value = unquoted(piece);
      else parameters.set(key, unquoted(piece));
      before = "";
    }
  }
  return all;
}

function unquoted(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, "$1") : text;
}
