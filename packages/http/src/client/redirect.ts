import { HttpRedirectError } from "../errors.ts";
import type { HttpHeaders } from "../message/headers.ts";
import { shownUrl } from "../message/shown-url.ts";
import type { Plan } from "./plan.ts";

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** What speaks of a body that is not sent any more. */
const OF_BODY = /^content-/;
/** What only the server that was asked may see. */
const PERSONAL = new Set(["authorization", "cookie", "proxy-authorization"]);

/** Where the answer sends the client, or null. */
export function locationOf(status: number, headers: HttpHeaders): string | null {
  if (!REDIRECTS.has(status)) return null;
  const location = headers.get("location");
  // Servers that do not escape write UTF-8.
  return location === null ? null : Buffer.from(location, "latin1").toString();
}

/**
 * The request that a redirect asks for: 303, and 301 and 302 of a POST, make it a GET without a body. Another origin is not
 * told who asks.
 *
 * @throws {HttpRedirectError} when it leads to what is not HTTP, or the body cannot be sent again.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-15.4
 */
export function redirected(plan: Plan, status: number, location: string): Plan {
  const details = { method: plan.method, url: plan.url, status };
  if (!URL.canParse(location, plan.url.href))
    throw new HttpRedirectError(`it redirects to "${location}", which is no URL`, details);
  const url = new URL(location, plan.url);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new HttpRedirectError(`it redirects to "${shownUrl(url)}", which is not HTTP`, details);
  url.hash ||= plan.url.hash;
  url.username = "";
  url.password = "";
  const becomesGet =
    status === 303 ? plan.method !== "HEAD" && plan.method !== "GET" : plan.method === "POST" && status < 303;
  const other = url.origin !== plan.url.origin;
  const headers = plan.headers.filter(
    ([name]) => !(becomesGet && OF_BODY.test(name)) && !(other && (PERSONAL.has(name) || name === "host")),
  );
  if (becomesGet) return { ...plan, url, headers, method: "GET", body: null };
  if (plan.body !== null && !plan.body.repeatable)
    throw new HttpRedirectError(
      `it redirects with status ${status}, and the body cannot be sent again; pass a function that gives it`,
      details,
    );
  return { ...plan, url, headers };
}
