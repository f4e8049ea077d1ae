// A site to be crawled, as a process of its own: node main.mjs [pages] [--plain]. It prints one line of JSON: the port of the site, and that
// of its control, which answers /log (every request so far), /expected and /reset.
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";
import {
  calendarPage,
  charsetPage,
  deepPage,
  delayedHome,
  listPage,
  ordinaryPage,
  shopPage,
  smallPage,
  strictHome,
} from "./pages.mjs";
import { HOSTS, LIST_PAGES, MISSING, ORPHANS, expected, hostOf } from "./plan.mjs";

const pages = Number(process.argv[2] ?? 300);
/** Only ordinary pages, without anything that a crawler may stumble over. */
const plain = process.argv.includes("--plain");
const SLOW = 40;
const CRAWL_DELAY = 0.25;
/** Requests to the strict host that come closer than this are refused. */
const STRICT_GAP = 20;

let log = [];
let tokens = 0;
let lastStrict = 0;
const tries = new Map();

const site = createServer((request, response) => {
  const host = request.headers.host?.replace(/:\d+$/, "") ?? "";
  const entry = {
    at: performance.now(),
    host,
    path: request.url,
    status: 0,
    conditional: request.headers["if-none-match"] !== undefined,
  };
  log.push(entry);
  response.on("close", () => (entry.status = response.writableFinished ? response.statusCode : -1));
  const { port } = site.address();
  const answer = () => respond(host, new URL(request.url, `http://${host}`), request, response, port);
  if (host === HOSTS.slow && request.url !== "/robots.txt") setTimeout(answer, SLOW);
  else answer();
});

function respond(host, url, request, response, port) {
  const { pathname, searchParams } = url;
  const html = (text) => send(request, response, 200, "text/html; charset=utf-8", text);
  const status = (code, text = "", headers = {}) => {
    response.writeHead(code, { "content-type": "text/html; charset=utf-8", ...headers });
    response.end(text);
  };
  const redirect = (to) => status(302, "", { location: to });
  if (pathname === "/robots.txt") return robots(host, request, response, port);
  if (host === HOSTS.closed) return html(smallPage("closed"));
  if (host === HOSTS.delayed) return html(pathname === "/" ? delayedHome() : smallPage(pathname));
  if (host === HOSTS.strict) {
    const now = performance.now();
    const early = now - lastStrict < STRICT_GAP;
    lastStrict = now;
    if (early) return status(429, "", { "retry-after": "1" });
    return html(pathname === "/" ? strictHome() : smallPage(pathname));
  }
  const page = pathname === "/" && host === HOSTS.main ? 0 : Number(/^\/page\/(\d+)$/.exec(pathname)?.[1] ?? NaN);
  if (page < pages && hostOf(page) === host) return html(ordinaryPage(page, pages, port, plain));
  const [, first, second, third] = pathname.split("/");
  switch (first) {
    case "list":
      return html(listPage(Math.min(LIST_PAGES, Number(searchParams.get("page") ?? 0))));
    case "calendar":
      return html(calendarPage(Number(second), Number(third)));
    case "deep":
      return html(deepPage());
    case "charset": {
      const { type, bytes } = charsetPage(second);
      return send(request, response, 200, type, bytes);
    }
    case "always-500":
      return status(500, "<h1>500</h1>");
    case "resets":
      return request.socket.destroy();
    case "shop":
    case "s":
      return html(shopPage(`a${(++tokens).toString(36).padStart(7, "0")}b`));
    case "old":
      return second === "1" ? redirect("/old/2") : second === "2" ? redirect("target") : html(smallPage("moved"));
    case "loop":
      return redirect(second === "a" ? "/loop/b" : "/loop/a");
    case "flaky": {
      const count = (tries.get(pathname) ?? 0) + 1;
      tries.set(pathname, count);
      return count === 1 ? status(503) : html(smallPage("flaky"));
    }
    case "orphan":
      return html(smallPage(pathname));
    case "download":
      return send(request, response, 200, "application/octet-stream", Buffer.alloc(200_000));
    case "huge":
      return huge(response);
    case "sitemap.xml":
      return send(request, response, 200, "application/xml", sitemapIndex(host, port));
    case "pages.xml.gz":
      return send(request, response, 200, "application/gzip", gzipSync(sitemap(host, port)));
    default:
      return status(404, "<h1>404</h1>");
  }
}

function send(request, response, code, type, body) {
  const etag = `"${Buffer.byteLength(body)}-${request.url}"`;
  const headers = { "content-type": type, etag, "cache-control": "no-cache" };
  if (request.headers["if-none-match"] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const zipped = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "") && request.url.length % 3 === 0;
  const bytes = zipped ? gzipSync(body) : Buffer.from(body);
  response.writeHead(code, {
    ...headers,
    "content-length": bytes.length,
    ...(zipped ? { "content-encoding": "gzip" } : {}),
  });
  response.end(bytes);
}

/** A gigabyte, if anybody reads it. */
function huge(response) {
  response.writeHead(200, { "content-type": "text/html" });
  const chunk = Buffer.alloc(1 << 20, "<p>more</p>");
  let left = 1024;
  const more = () => {
    while (left-- > 0) if (!response.write(chunk)) return response.once("drain", more);
    response.end();
  };
  more();
}

function robots(host, request, response, port) {
  if (host === HOSTS.closed) {
    response.writeHead(500).end();
    return;
  }
  if (host === HOSTS.fourth) {
    response.writeHead(404).end();
    return;
  }
  const delay = host === HOSTS.delayed ? `Crawl-delay: ${CRAWL_DELAY}\n` : "";
  const sitemaps = host === HOSTS.main ? `Sitemap: http://${host}:${port}/sitemap.xml\n` : "";
  send(request, response, 200, "text/plain", `User-agent: *\nDisallow: /private/\n${delay}\n${sitemaps}`);
}

const sitemapIndex = (host, port) =>
  `<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>http://${host}:${port}/pages.xml.gz</loc></sitemap></sitemapindex>`;

function sitemap(host, port) {
  const entry = (path) => `<url><loc>http://${host}:${port}${path}</loc><lastmod>2026-01-01</lastmod></url>`;
  const orphans = Array.from({ length: ORPHANS }, (_, i) => entry(`/orphan/o-${i}x`));
  return `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${orphans.join("")}</urlset>`;
}

const control = createServer((request, response) => {
  const answers = {
    "/log": () => log,
    "/expected": () => expected(pages, site.address().port),
    "/reset": () => {
      log = [];
      tries.clear();
      return true;
    },
    "/missing": () => MISSING,
  };
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(answers[request.url]?.() ?? null));
});

site.keepAliveTimeout = 60_000;
site.listen(0, "0.0.0.0", () =>
  control.listen(0, "127.0.0.1", () =>
    console.log(JSON.stringify({ port: site.address().port, control: control.address().port })),
  ),
);
process.on("SIGTERM", () => process.exit(0));
process.stdin.on("end", () => process.exit(0)).resume();
