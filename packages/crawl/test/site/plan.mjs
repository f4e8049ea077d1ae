import { random } from "./words.mjs";

/** What each address of the loopback is: one host of the site each. */
export const HOSTS = {
  /** Where everything begins. */
  main: "127.0.0.1",
  second: "127.0.0.2",
  third: "127.0.0.3",
  fourth: "127.0.0.4",
  /** Takes its time for every answer. */
  slow: "127.0.0.5",
  /** Asks for a delay between two requests. */
  delayed: "127.0.0.6",
  /** Its robots.txt answers 500: nothing of it may be fetched. */
  closed: "127.0.0.7",
  /** Says 429 to who asks too fast. */
  strict: "127.0.0.8",
};

const FAN_OUT = 10;
const ORDINARY = [HOSTS.main, HOSTS.second, HOSTS.third, HOSTS.fourth];
/** One page of so many is on the slow host. */
const SLOW_SHARE = 40;

/** On which host a page is. */
export function hostOf(page) {
  if (page % SLOW_SHARE === SLOW_SHARE - 1) return HOSTS.slow;
  return ORDINARY[page % ORDINARY.length];
}

/** The pages that a page links to: its children in a tree, so that all can be reached, and some others. */
export function linksOf(page, pages) {
  const next = random(page * 7919 + 1);
  const children = Array.from({ length: FAN_OUT }, (_, i) => page * FAN_OUT + 1 + i).filter((child) => child < pages);
  const others = Array.from({ length: 12 }, () => Math.floor(next() * pages));
  return [...children, ...others];
}

const DELAYED_PAGES = 6;
const STRICT_PAGES = 20;
export const LIST_PAGES = 60;
export const ORPHANS = 25;
export const CHARSETS = [
  "windows-1251",
  "shift_jis",
  "utf-16le",
  "latin-lie",
  "utf-8-lie",
  "unknown",
  "none",
  "broken",
];
export const MISSING = 5;

/** The addresses that a crawl of the whole site must fetch exactly once, without the traps. */
export function expected(pages, port) {
  const at = (host, path) => `http://${host}:${port}${path}`;
  const some = (count, host, path) => Array.from({ length: count }, (_, i) => at(host, path(i)));
  return {
    pages: [
      ...Array.from({ length: pages }, (_, i) => at(hostOf(i), i === 0 ? "/" : `/page/${i}`)),
      ...some(DELAYED_PAGES, HOSTS.delayed, (i) => (i === 0 ? "/" : `/page/d${i}`)),
      ...some(STRICT_PAGES, HOSTS.strict, (i) => (i === 0 ? "/" : `/item/${i}`)),
      ...some(LIST_PAGES, HOSTS.main, (i) => (i === 0 ? "/list" : `/list?page=${i}`)),
      ...CHARSETS.map((name) => at(HOSTS.second, `/charset/${name}`)),
      at(HOSTS.third, "/shop"),
      at(HOSTS.third, "/old/target"),
      at(HOSTS.third, "/flaky"),
    ],
    /** Only in the sitemaps. */
    orphans: some(ORPHANS, HOSTS.main, (i) => `/orphan/o-${i}x`),
    redirects: [
      at(HOSTS.third, "/old/1"),
      at(HOSTS.third, "/old/2"),
      at(HOSTS.third, "/loop/a"),
      at(HOSTS.third, "/loop/b"),
    ],
    missing: some(MISSING, HOSTS.second, (i) => `/missing/m${i}x`),
    broken: [at(HOSTS.second, "/always-500"), at(HOSTS.second, "/resets")],
    notPages: [at(HOSTS.fourth, "/download"), at(HOSTS.fourth, "/huge")],
  };
}
export { DELAYED_PAGES, STRICT_PAGES };
