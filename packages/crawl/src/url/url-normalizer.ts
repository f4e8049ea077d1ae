import normalizeUrl, { type Options } from "normalize-url";

/** What makes two addresses of one page differ, and nothing else: sessions and the origin of a visit. */
const IGNORED_PARAMETERS: readonly RegExp[] = [
  /^(?:php|asp|j)?sess(?:ion)?_?id$/i,
  /^aspsessionid\w*$/i,
  /^(?:sid|cfid|cftoken|zenid|osCsid)$/i,
  /^utm_\w+$/i,
  /^(?:gclid|fbclid|msclkid|dclid|yclid|mc_[ce]id|_ga)$/i,
];

/** A session of Java servers stands in the path: `/cart;jsessionid=4F2A`. */
const PATH_SESSION = /;(?:jsessionid|phpsessid|sid)=[^/?#;]*/gi;

/** What `normalizeUrl` leaves as it is: letters, digits and what needs no escape, nothing empty and no dot after a slash. */
const PLAIN = /^https?:\/\/[a-z\d.[\]:-]*[a-z\d\]](?:\/[\w~!$&'()*+,=:@-][\w.~!$&'()*+,=:@-]*)*\/?$/;
/** The same with one parameter, by far the most frequent query. */
const ONE_PARAMETER =
  /^(https?:\/\/[a-z\d.[\]:-]*[a-z\d\]](?:\/[\w~!$&'()*+,=:@-][\w.~!$&'()*+,=:@-]*)*\/?)\?([\w-]+)=[\w.~-]+$/;

/** normalize-url leaves out the path of `http://example.com/?`. */
const ONLY_HOST = /^https?:\/\/[^/]*$/;

/**
 * Gives every address of a page one form: RFC 3986's, without fragment, credentials, sessions and tracking, the
 * parameters in order. Two addresses are the same page when their forms are equal.
 */
export class UrlNormalizer {
  readonly #ignored: readonly (string | RegExp)[];
  readonly #options: Options;

  /** @param ignored names of further parameters to leave out. */
  constructor(ignored: readonly (string | RegExp)[] = []) {
    this.#ignored = [...IGNORED_PARAMETERS, ...ignored];
    this.#options = {
      stripHash: true,
      stripWWW: false,
      removeTrailingSlash: false,
      removeSingleSlash: false,
      removeQueryParameters: this.#ignored,
    };
  }

  /** The form of an address; null for what a crawler cannot fetch (another scheme, no address at all). */
  normalize(address: string, base?: string): string | null {
    let url: URL;
    try {
      url = new URL(address, base);
    } catch {
      return null;
    }
    if (url.protocol !== "http:" && url.protocol !== "https:") return null;
    const { href } = url;
    const end = href.indexOf("#");
    const whole = end === -1 ? href : href.slice(0, end);
    if (PLAIN.test(whole)) return whole;
    const one = ONE_PARAMETER.exec(whole);
    if (one !== null) return this.#isIgnored(one[2]!) ? one[1]! : whole;
    try {
      const normal = normalizeUrl(whole.replace(PATH_SESSION, ""), this.#options);
      return ONLY_HOST.test(normal) ? `${normal}/` : normal;
    } catch {
      return null;
    }
  }

  #isIgnored(name: string): boolean {
    return this.#ignored.some((ignored) => (typeof ignored === "string" ? ignored === name : ignored.test(name)));
  }
}
