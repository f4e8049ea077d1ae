import { CHARSETS, DELAYED_PAGES, HOSTS, LIST_PAGES, MISSING, STRICT_PAGES, hostOf, linksOf } from "./plan.mjs";
import { prose, random } from "./words.mjs";

const document = (title, body, head = "") =>
  `<!doctype html><html lang="en"><head><title>${title}</title>${head}<style>body{margin:0}</style></head><body>
<header><nav><a href="/">home</a></nav></header><main>${body}</main><footer>All of this is made up. <script>var x = "<a href=/no>";</script></footer></body></html>`;

const link = (url, text) => `<li><a href="${url}">${text}</a></li>`;

/** An ordinary page, of six to ten thousand characters. A plain one leads to ordinary pages only, by their own addresses. */
export function ordinaryPage(page, pages, port, plain) {
  const next = random(page + 1);
  const at = (other) =>
    other === 0 ? `http://${HOSTS.main}:${port}/` : `http://${hostOf(other)}:${port}/page/${other}`;
  const links = linksOf(page, pages).map((other, i) =>
    link(plain ? at(other) : disguised(at(other), i, page), prose(next, 3)),
  );
  const paragraphs = Array.from({ length: 6 }, () => `<p>${prose(next, 60 + Math.floor(next() * 80))}</p>`);
  const body = `<h1>Page ${page}</h1><p class="sku" data-sku="SKU-${page}">SKU-${page}</p>
<p class="price">${((page * 37) % 1000) + 0.5} EUR</p>${paragraphs.join("\n")}<ul>${links.join("\n")}</ul>${page === 0 && !plain ? entrances(port) : ""}
${plain ? "" : `<a href="/private/${page}">not for robots</a>`}`;
  return document(`Page ${page}`, body);
}

/** The same address in other words, now and then. */
function disguised(url, i, page) {
  if (i === 3) return `${url}#part-${page}`;
  if (i === 5) return `${url}?utm_source=page-${page}`;
  if (i === 7) return `${url}${url.includes("?") ? "&amp;" : "?"}PHPSESSID=${page * 7919}`;
  return url;
}

/** Where the special parts begin. */
function entrances(port) {
  const at = (host, path) => link(`http://${host}:${port}${path}`, path);
  return `<ul class="special">${[
    at(HOSTS.main, "/list"),
    at(HOSTS.main, "/calendar/2026/11"),
    at(HOSTS.main, "/deep/"),
    ...CHARSETS.map((name) => at(HOSTS.second, `/charset/${name}`)),
    ...Array.from({ length: MISSING }, (_, i) => at(HOSTS.second, `/missing/m${i}x`)),
    at(HOSTS.second, "/always-500"),
    at(HOSTS.second, "/resets"),
    at(HOSTS.third, "/shop"),
    at(HOSTS.third, "/old/1"),
    at(HOSTS.third, "/loop/a"),
    at(HOSTS.third, "/flaky"),
    at(HOSTS.fourth, "/download"),
    at(HOSTS.fourth, "/huge"),
    at(HOSTS.fourth, "/picture.png"),
    at(HOSTS.delayed, "/"),
    at(HOSTS.closed, "/"),
    at(HOSTS.strict, "/"),
    link("mailto:nobody@example.com", "mail"),
    link("javascript:void(0)", "script"),
    link("http://elsewhere.invalid/", "elsewhere"),
  ].join("\n")}</ul>`;
}

const list = (title, paths, text) =>
  document(title, `<p>${text}</p><ul>${paths.map((path) => link(path, path)).join("")}</ul>`);

export const delayedHome = () =>
  list(
    "Delayed",
    Array.from({ length: DELAYED_PAGES - 1 }, (_, i) => `/page/d${i + 1}`),
    "One by one.",
  );
export const strictHome = () =>
  list(
    "Strict",
    Array.from({ length: STRICT_PAGES - 1 }, (_, i) => `/item/${i + 1}`),
    "Not so fast.",
  );
export const smallPage = (name) => document(name, `<h1>${name}</h1><p>${prose(random(name.length), 40)}</p>`);

/** A list that goes on: its pages follow each other, and each is different. */
export function listPage(page) {
  const next = random(page + 99);
  const items = Array.from({ length: 20 }, () => `<li>${prose(next, 12)}</li>`).join("");
  const more = page + 1 < LIST_PAGES ? `<a rel="next" href="/list?page=${page + 1}">next</a>` : "";
  return document(`List ${page}`, `<ol>${items}</ol>${more}`);
}

const MONTHS = "January February March April May June July August September October November December".split(" ");

/** A month of a calendar that has no end in either direction. */
export function calendarPage(year, month) {
  const days = Array.from({ length: 28 }, (_, i) => `<td>${i + 1} nothing planned</td>`).join("");
  const to = (y, m) => (m < 1 ? `/calendar/${y - 1}/12` : m > 12 ? `/calendar/${y + 1}/1` : `/calendar/${y}/${m}`);
  return document(
    `${MONTHS[month - 1]} ${year}`,
    `<h1>${MONTHS[month - 1]} ${year}</h1><table><tr>${days}</tr></table>
<a href="${to(year, month - 1)}">before</a> <a href="${to(year, month + 1)}">after</a>`,
  );
}

/** A shop whose links carry a token that is new each time. */
export function shopPage(token) {
  const links = Array.from({ length: 5 }, (_, i) => link(`/s/${token}${i}f/shelf`, `shelf ${i}`));
  return document("Shop", `<h1>Shop</h1><p>${prose(random(5), 150)}</p><ul>${links.join("")}</ul>`);
}

/** Its link is relative to itself, and leads ever deeper. */
export const deepPage = () => document("Deep", `<p>${prose(random(6), 50)}</p><a href="more/">deeper</a>`);

const RUSSIAN = "Привет, мир: страница о коте";
const JAPANESE = "日本語のページ";

/** "Привет, мир: страница о коте" in windows-1251. */
const WINDOWS_1251 = Buffer.from(
  [...RUSSIAN].map((letter) => {
    const code = letter.codePointAt(0);
    if (code < 128) return code;
    return code - 0x410 + 0xc0;
  }),
);
/** "日本語のページ" in Shift_JIS. */
const SHIFT_JIS = Buffer.from("93fa967b8cea82cc8379815b8357", "hex");

/** Pages that are in other encodings, or wrong about theirs: type, and bytes whose h1 is `text`. */
export function charsetPage(name) {
  const around = (title, meta = "") => {
    const [before, after] = document(name, "<h1>#</h1>", meta).split("#");
    return Buffer.concat([Buffer.from(before), title, Buffer.from(after)]);
  };
  switch (name) {
    case "windows-1251":
      return { type: "text/html", text: RUSSIAN, bytes: around(WINDOWS_1251, '<meta charset="windows-1251">') };
    case "shift_jis":
      return { type: "text/html; charset=Shift_JIS", text: JAPANESE, bytes: around(SHIFT_JIS) };
    case "utf-16le":
      return {
        type: "text/html",
        text: RUSSIAN,
        bytes: Buffer.from(`\ufeff${document(name, `<h1>${RUSSIAN}</h1>`)}`, "utf16le"),
      };
    case "latin-lie":
      return { type: "text/html; charset=iso-8859-1", text: RUSSIAN, bytes: around(Buffer.from(RUSSIAN)) };
    case "utf-8-lie":
      return {
        type: "text/html; charset=utf-8",
        text: RUSSIAN,
        bytes: around(WINDOWS_1251, '<meta charset="windows-1251">'),
      };
    case "unknown":
      return { type: "text/html; charset=klingon", text: RUSSIAN, bytes: around(Buffer.from(RUSSIAN)) };
    case "none":
      return { type: "text/html", text: RUSSIAN, bytes: around(Buffer.from(RUSSIAN)) };
    default:
      return {
        type: "text/html; charset=utf-8",
        text: "caf\ufffd",
        bytes: around(Buffer.from([0x63, 0x61, 0x66, 0xe9]), '<meta charset="utf-8">'),
      };
  }
}
