const STYLE = `
  :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); --link: #0b66c3 }
  @media (prefers-color-scheme: dark) { :root { --link: #7cb8ff } }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1.5rem }
  header a { font-weight: 600; margin-right: 1.25rem }
  a { color: var(--link); text-decoration: none } a:hover { text-decoration: underline }
  h1 { font-size: 1.7rem; margin: 1.5rem 0 .5rem }
  table { border-collapse: collapse; width: 100%; margin: 1rem 0; font-variant-numeric: tabular-nums }
  th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line) }
  th { font-weight: 600 }
  td.number, th.number { text-align: right }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .4rem 2rem }
  dt { opacity: .7 } dd { margin: 0 }
  nav.pages a, nav.pages b { display: inline-block; min-width: 1.6rem; text-align: center }
  ul.links { columns: 4 9rem; padding-left: 1.2rem }
  footer { margin-top: 3rem; opacity: .6; font-size: .85rem }
`;

/** A page of the site around `body`, which is HTML; the title is plain text. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)} · Observatory</title><style>${STYLE}</style></head>
<body>
<header><a href="/">Observatory</a><a href="/earthquakes">Earthquakes</a><a href="/weather">Weather</a><a href="/api/v1">API</a></header>
<main>
<h1>${escapeHtml(title)}</h1>
${body}
</main>
<footer>Data: USGS, NOAA and Data.gov, from the npm package vega-datasets.</footer>
</body>
</html>
`;
}

/** A table; the columns from `numbersFrom` on are numbers. Cells are HTML. */
export function table(
  className: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  numbersFrom: number,
): string {
  const cell = (tag: string, index: number, html: string) =>
    `<${tag}${index >= numbersFrom ? ' class="number"' : ""}>${html}</${tag}>`;
  const line = (tag: string, cells: readonly string[]) =>
    `<tr>${cells.map((html, index) => cell(tag, index, html)).join("")}</tr>`;
  return `<table class="${className}">
<thead>${line("th", columns.map(escapeHtml))}</thead>
<tbody>
${rows.map((cells) => line("td", cells)).join("\n")}
</tbody>
</table>`;
}

/** The links to the pages of a list, with the page at hand in bold. */
export function pagination(path: string, current: number, pages: number): string {
  if (pages <= 1) return "";
  const links = Array.from({ length: pages }, (_, index) => index + 1).map((number) =>
    number === current ? `<b>${number}</b>` : `<a href="${path}?page=${number}">${number}</a>`,
  );
  return `<nav class="pages">Pages: ${links.join(" ")}</nav>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
