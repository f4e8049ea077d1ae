import { shownUrl } from "../message/shown-url.ts";
import { type RecordedBytes, type RecordedPart, type RecordedRequest, bytesOf, headerOf } from "./recorded-exchange.ts";

/** What is kept out of a recording, besides what always is. */
export interface RedactOptions {
  /** Names of headers, of requests and answers. */
  readonly headers?: readonly string[];
  /** Names of parameters of URLs and forms, and of members of JSON objects. */
  readonly fields?: readonly string[];
}

type Headers = readonly (readonly [name: string, value: string])[];

const HIDDEN = "***";
const FORM = "application/x-www-form-urlencoded";
const SECRET_HEADERS = ["authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "x-auth-token"];
const SECRET_FIELDS = ["access_token", "refresh_token", "id_token", "client_secret", "api_key", "apikey", "password"];
/** `name=value` of a cookie, before its attributes. */
const COOKIE = /^([^=;]*=)[^;]*/;

/** Keeps credentials out of a recording: their values become `***`. */
export class Redaction {
  readonly #headers: ReadonlySet<string>;
  readonly #fields: ReadonlySet<string>;
  /** Members of JSON objects whose values are strings, and fields of forms. */
  readonly #json: RegExp;
  readonly #form: RegExp;

  constructor(options: RedactOptions = {}) {
    const lower = (names: readonly string[] = []): string[] => names.map((name) => name.toLowerCase());
    this.#headers = new Set([...SECRET_HEADERS, ...lower(options.headers)]);
    this.#fields = new Set([...SECRET_FIELDS, ...lower(options.fields)]);
    const names = [...this.#fields].map((name) => name.replaceAll(/[^\w-]/g, String.raw`\$&`)).join("|");
    this.#json = new RegExp(String.raw`("(?:${names})"\s*:\s*)"(?:[^"\\]|\\.)*"`, "gi");
    this.#form = new RegExp(String.raw`((?:^|&)(?:${names})=)[^&]*`, "gi");
  }

  /** Doing so again changes nothing. */
  request({ method, url, headers, body }: RecordedRequest): RecordedRequest {
    const redacted = body === null ? null : this.#body(body, headerOf(headers, "content-type"));
    return { method, url: this.#url(url), headers: this.headers(headers), body: redacted };
  }

  #url(url: string): string {
    const shown = new URL(shownUrl(url));
    for (const name of new Set(shown.searchParams.keys()))
      if (this.#fields.has(name.toLowerCase())) shown.searchParams.set(name, HIDDEN);
    return shown.href;
  }

  headers(headers: Headers): Headers {
    return headers.map(([name, value]) => {
      if (this.#headers.has(name)) return [name, HIDDEN];
      return [name, name === "set-cookie" ? value.replace(COOKIE, `$1${HIDDEN}`) : value];
    });
  }

  /** What is hidden may be spread over parts: then they become one. */
  parts(parts: readonly RecordedPart[], contentType: string | null): readonly RecordedPart[] {
    const whole = Buffer.concat(parts.map(bytesOf)).toString();
    const redacted = this.#text(whole, contentType);
    if (redacted === whole) return parts;
    return [{ after: parts.reduce((sum, { after }) => sum + after, 0), text: redacted }];
  }

  #body(body: RecordedBytes, contentType: string | null): RecordedBytes {
    return "text" in body ? { text: this.#text(body.text, contentType) } : body;
  }

  #text(text: string, contentType: string | null): string {
    return contentType?.startsWith(FORM)
      ? text.replaceAll(this.#form, `$1${HIDDEN}`)
      : text.replaceAll(this.#json, `$1"${HIDDEN}"`);
  }
}
