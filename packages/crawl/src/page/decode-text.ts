import { isAscii, isUtf8 } from "node:buffer";
import { getEncoding } from "encoding-sniffer";

/** A body as text. */
export interface Decoded {
  readonly text: string;
  /** The encoding that was used, by its name in the Encoding Standard, in lower case. */
  readonly charset: string;
}

const FALLBACK = "windows-1252";

/**
 * Decodes a page: by its byte order mark, the charset of the header, the `<meta>` or the XML declaration, in this order.
 * Pages that are wrong about themselves are common, and read so:
 *
 * - no charset at all, or one that does not exist: UTF-8 when the bytes are valid in it, else windows-1252;
 * - windows-1252 (or Latin-1) that is valid UTF-8: UTF-8;
 * - UTF-8 by its header with bytes that are not: what the page says itself, if that is something else;
 * - bytes that stay invalid: U+FFFD in their place. It never throws.
 *
 * @see https://html.spec.whatwg.org/multipage/parsing.html#encoding-sniffing-algorithm
 */
export function decodeText(bytes: Uint8Array, contentType: string | null): Decoded {
  const header = charsetOf(contentType);
  let charset = sniff(bytes, header);
  if (charset === "utf-8" || charset === FALLBACK || charset === "iso-8859-1") {
    if (isUtf8(bytes)) charset = charset !== "utf-8" && isAscii(bytes) ? charset : "utf-8";
    else if (charset === "utf-8") charset = sniff(bytes, undefined);
  }
  return decodeAs(bytes, charset);
}

/** The charset that a Content-Type names: `text/html; charset="utf-8"`. */
function charsetOf(contentType: string | null): string | undefined {
  return contentType === null ? undefined : /;\s*charset\s*=\s*["']?\s*([^\s"';,]+)/i.exec(contentType)?.[1];
}

function sniff(bytes: Uint8Array, header: string | undefined): string {
  const options = {
    defaultEncoding: FALLBACK,
    ...(header === undefined ? {} : { transportLayerEncodingLabel: header }),
  };
  return getEncoding(bytes, options).toLowerCase();
}

function decodeAs(bytes: Uint8Array, charset: string): Decoded {
  if (charset === "utf-8") {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
    return { text: text.charCodeAt(0) === 0xfeff ? text.slice(1) : text, charset };
  }
  try {
    return { text: new TextDecoder(charset).decode(bytes), charset };
  } catch {
    // The platform does not have it.
    return { text: new TextDecoder(FALLBACK).decode(bytes), charset: FALLBACK };
  }
}
