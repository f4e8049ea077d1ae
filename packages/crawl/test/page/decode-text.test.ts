import { expect, test } from "vitest";
import { decodeText } from "../../src/page/decode-text.ts";

const latin = (text: string) => Buffer.from(text, "latin1");
const utf8 = (text: string) => Buffer.from(text, "utf8");
/** "Привет" in windows-1251. */
const PRIVET = latin("\xcf\xf0\xe8\xe2\xe5\xf2");

test.each<[what: string, bytes: Buffer, header: string | null, text: string, charset: string]>([
  ["the header names it", PRIVET, "text/html; charset=windows-1251", "Привет", "windows-1251"],
  ["the header names it in quotes", PRIVET, 'text/html; Charset="CP1251"', "Привет", "windows-1251"],
  [
    "a meta element names it",
    Buffer.concat([latin("<meta charset=windows-1251>"), PRIVET]),
    "text/html",
    "<meta charset=windows-1251>Привет",
    "windows-1251",
  ],
  [
    "an old meta element names it",
    Buffer.concat([latin('<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">'), PRIVET]),
    null,
    '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">Привет',
    "windows-1251",
  ],
  [
    "the XML declaration names it",
    Buffer.concat([latin('<?xml version="1.0" encoding="windows-1251"?>'), PRIVET]),
    "application/xhtml+xml",
    '<?xml version="1.0" encoding="windows-1251"?>Привет',
    "windows-1251",
  ],
  [
    "a byte order mark goes before the header",
    utf8("\ufeffПривет"),
    "text/html; charset=windows-1251",
    "Привет",
    "utf-8",
  ],
  ["a byte order mark says UTF-16", Buffer.from("\ufeffПривет", "utf16le"), null, "Привет", "utf-16le"],
  ["nothing names it, and it is valid UTF-8", utf8("café"), "text/html", "café", "utf-8"],
  ["nothing names it, and it is not", latin("caf\xe9"), "text/html", "café", "windows-1252"],
  ["the header names one that does not exist", utf8("Привет"), "text/html; charset=klingon", "Привет", "utf-8"],
  ["it is called Latin-1 and is UTF-8", utf8("Привет"), "text/html; charset=iso-8859-1", "Привет", "utf-8"],
  [
    "it is called UTF-8 and says the truth itself",
    Buffer.concat([latin("<meta charset=windows-1251>"), PRIVET]),
    "text/html; charset=utf-8",
    "<meta charset=windows-1251>Привет",
    "windows-1251",
  ],
  [
    "it is called UTF-8 twice and is not",
    Buffer.concat([latin("<meta charset=utf-8>"), latin("caf\xe9")]),
    "text/html; charset=utf-8",
    "<meta charset=utf-8>caf\ufffd",
    "utf-8",
  ],
  ["it is empty", Buffer.alloc(0), null, "", "windows-1252"],
])("the charset of a page: %s", (_, bytes, header, text, charset) => {
  const decoded = decodeText(bytes, header);
  expect(decoded).toEqual({ text, charset });
});
