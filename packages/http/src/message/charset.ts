import { TextDecoder } from "node:util";
import type { HttpHeaders } from "./headers.ts";

const decoders = new Map<string, TextDecoder>();

/** The decoder of a charset; null for a name that no host knows. */
function decoderOf(charset: string): TextDecoder | null {
  let decoder = decoders.get(charset);
  if (decoder === undefined) {
    try {
      decoder = new TextDecoder(charset);
    } catch {
      return null;
    }
    decoders.set(charset, decoder);
  }
  return decoder;
}

const MARKS = [
  { charset: "utf-8", bytes: [0xef, 0xbb, 0xbf] },
  { charset: "utf-16le", bytes: [0xff, 0xfe] },
  { charset: "utf-16be", bytes: [0xfe, 0xff] },
];

/** Of a body that begins with these bytes: a byte order mark goes before the header, and UTF-8 is what it is without either. */
export function charsetOf(headers: HttpHeaders, begin: Uint8Array): string {
  for (const { charset, bytes } of MARKS) if (bytes.every((byte, i) => begin[i] === byte)) return charset;
  const type = headers.get("content-type");
  const named = type === null ? null : /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(type);
  return named?.[1]?.toLowerCase() ?? "utf-8";
}

/** The text of a body, without a byte order mark. What is no character of the charset becomes U+FFFD; an unknown charset is UTF-8. */
export function decodeText(headers: HttpHeaders, bytes: Uint8Array): string {
  const charset = charsetOf(headers, bytes);
  return ((charset === "utf-8" ? null : decoderOf(charset)) ?? (decoderOf("utf-8") as TextDecoder)).decode(bytes);
}

/** For a text that comes in parts; `begin` is the first. */
export function streamDecoder(headers: HttpHeaders, begin: Uint8Array): TextDecoder {
  const charset = charsetOf(headers, begin);
  return new TextDecoder(decoderOf(charset) === null ? "utf-8" : charset);
}
