import { type OutgoingBody, outgoingBody } from "../message/body.ts";
import { type HeaderLine, headerName } from "../message/headers.ts";
import { addQuery } from "../message/query.ts";
import { basic } from "./authorization.ts";
import type { RequestOptions } from "./options.ts";
import { type ClientSettings, type Settings, settingsOf } from "./settings.ts";

/** A request that is checked and ready. */
export interface Plan {
  readonly method: string;
  readonly url: URL;
  readonly headers: readonly HeaderLine[];
  readonly body: OutgoingBody | null;
  readonly settings: Settings;
}

/** HTTP's own, which are written in capitals. */
const USUAL = /^(?:get|head|post|put|patch|delete|options|query)$/i;

/** @throws {TypeError} {RangeError} for what cannot be sent. */
export function planOf(
  client: ClientSettings,
  method: string,
  url: string | URL,
  options: RequestOptions | undefined,
): Plan {
  const target = targetOf(client, url);
  if (options === undefined && target.username === "" && target.password === "")
    return { method: methodOf(method), url: target, headers: client.headers, body: null, settings: client };
  const settings = settingsOf(client, options ?? {});
  if (options?.query !== undefined) addQuery(target, options.query);
  const body = outgoingBody(options ?? {});
  return { method: methodOf(method), url: target, headers: headersOf(settings, target, body), body, settings };
}

function methodOf(method: string): string {
  if (typeof method === "string" && USUAL.test(method)) return method.toUpperCase();
  const checked = headerName(method, "method");
  if (checked === "connect") throw new TypeError("Cannot send a request: CONNECT is for proxies; pass { proxy }");
  return method;
}

function targetOf({ baseUrl }: ClientSettings, url: string | URL): URL {
  let target: URL;
  try {
    target = baseUrl === null ? new URL(url) : new URL(url, baseUrl);
  } catch (cause) {
    const hint = baseUrl === null ? '; it must begin with "https://", or the client have a baseUrl' : "";
    throw new TypeError(`Cannot send a request: ${JSON.stringify(String(url))} is no URL${hint}`, { cause });
  }
  if (target.protocol === "https:" || target.protocol === "http:") return target;
  throw new TypeError(
    `Cannot send a request: the URL must begin with "http:" or "https:", received "${target.protocol}"`,
  );
}

/** Credentials in the URL become a header: none of them goes over the wire as a part of it. */
function headersOf({ headers }: Settings, url: URL, body: OutgoingBody | null): readonly HeaderLine[] {
  const added: HeaderLine[] = [];
  const has = (name: string): boolean => headers.some(([own]) => own === name);
  if (body?.contentType != null && !has("content-type")) added.push(["content-type", body.contentType]);
  if (body?.length != null && !has("content-length")) added.push(["content-length", String(body.length)]);
  if (url.username !== "" || url.password !== "") {
    if (!has("authorization"))
      added.push(["authorization", basic(decodeURIComponent(url.username), decodeURIComponent(url.password))]);
    url.username = "";
    url.password = "";
  }
  return added.length === 0 ? headers : [...headers, ...added];
}
