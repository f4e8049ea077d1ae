import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import type * as tough from "tough-cookie";

/** A cookie of a jar. */
export interface CookieInfo {
  readonly name: string;
  readonly value: string;
  /** The host that it is for; with `hostOnly` that one alone, otherwise those below it too. */
  readonly domain: string;
  readonly hostOnly: boolean;
  readonly path: string;
  /** Milliseconds since 1970; null: it lasts as long as the jar. */
  readonly expires: number | null;
  readonly secure: boolean;
  readonly httpOnly: boolean;
}

/** A jar as JSON: what `toJSON` gives. */
export type CookieJarJson = Readonly<Record<string, unknown>>;

let library: typeof tough | undefined;

/** Loaded when there are cookies: it costs a start-up 40 ms. */
function cookies(): typeof tough {
  return (library ??= createRequire(import.meta.url)("tough-cookie") as typeof tough);
}

/**
 * The cookies of a user: what servers have set, kept to the rules for host, path, expiry and `Secure`, and never for a whole public
 * suffix such as `co.uk`.
 *
 * Several clients may share one. It is saved, if at all, by hand: to a file, or as JSON.
 *
 * @example
 * ```ts
 * import { CookieJar } from "@tsyncio/http";
 * const jar = new CookieJar();
 * jar.set("https://shop.example/login", "session=42; Path=/; HttpOnly");
 * console.log(jar.header("https://shop.example/cart")); // → session=42
 * console.log(jar.header("https://other.example/")); // → null
 * const restored = CookieJar.fromJSON(JSON.parse(JSON.stringify(jar)));
 * console.log(restored.cookies().map(({ name }) => name)); // → [ 'session' ]
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc6265
 */
export class CookieJar {
  readonly #jar: tough.CookieJar;

  constructor() {
    this.#jar = new (cookies().CookieJar)();
  }

  /** @throws {TypeError} for what is no jar. */
  static fromJSON(json: CookieJarJson): CookieJar {
    const jar = new CookieJar();
    if (typeof json !== "object" || json === null || !Array.isArray(json.cookies))
      throw new TypeError("Cannot read a cookie jar: expected what toJSON() gives");
    for (const one of json.cookies) jar.#take(one);
    return jar;
  }

  /**
   * What `save` has written.
   *
   * @throws Node's error when the file cannot be read. @throws {TypeError} for a file that is no jar.
   */
  static load(file: string | URL): CookieJar {
    let json: CookieJarJson;
    try {
      json = JSON.parse(readFileSync(file, "utf8")) as CookieJarJson;
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      throw new TypeError(`Cannot read a cookie jar: "${String(file)}" is no JSON`, { cause });
    }
    return CookieJar.fromJSON(json);
  }

  /**
   * Writes all cookies to a file that only the user may read, and that is never half written.
   *
   * @throws Node's error when it cannot be written.
   */
  save(file: string | URL): void {
    const target = file instanceof URL ? new URL(file) : file;
    const beside = target instanceof URL ? new URL(`${target.href}.tmp`) : `${target}.tmp`;
    try {
      writeFileSync(beside, `${JSON.stringify(this, null, 2)}\n`, { mode: 0o600 });
      renameSync(beside, target);
    } catch (error) {
      rmSync(beside, { force: true });
      throw error;
    }
  }

  /** Takes a cookie as a `set-cookie` header of `url` has it. One that `url` may not set is left out: false. */
  set(url: string | URL, setCookie: string): boolean {
    return this.#jar.setCookieSync(setCookie, String(url), { ignoreError: true }) !== undefined;
  }

  /** The `cookie` header for a request; null when there is none. */
  header(url: string | URL): string | null {
    return this.#jar.getCookieStringSync(String(url)) || null;
  }

  /** All cookies, or those for a URL. */
  cookies(url?: string | URL): readonly CookieInfo[] {
    if (url !== undefined) return this.#jar.getCookiesSync(String(url)).map(info);
    const { Cookie } = cookies();
    const { cookies: all = [] } = this.#jar.serializeSync() ?? {};
    return all.flatMap((one) => {
      const cookie = Cookie.fromJSON(one);
      return cookie === undefined ? [] : [info(cookie)];
    });
  }

  /** Forgets all. */
  clear(): void {
    this.#jar.removeAllCookiesSync();
  }

  toJSON(): CookieJarJson {
    return { cookies: this.#jar.serializeSync()?.cookies ?? [] };
  }

  #take(json: unknown): void {
    const cookie = cookies().Cookie.fromJSON(json);
    if (cookie === undefined || cookie.domain === null)
      throw new TypeError("Cannot read a cookie jar: it has what is no cookie");
    void (this.#jar.store as tough.MemoryCookieStore).putCookie(cookie);
  }
}

function info(cookie: tough.Cookie): CookieInfo {
  const expires = cookie.expiryTime();
  return Object.freeze({
    name: cookie.key,
    value: cookie.value,
    domain: cookie.domain ?? "",
    hostOnly: cookie.hostOnly ?? false,
    path: cookie.path ?? "/",
    expires: expires === undefined || expires === Infinity ? null : expires,
    secure: cookie.secure,
    httpOnly: cookie.httpOnly,
  });
}
