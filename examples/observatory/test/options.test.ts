import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { OptionsError, readOptions } from "../src/options.ts";

const folder = mkdtempSync(join(tmpdir(), "observatory-options-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, "urls.txt");
  writeFileSync(path, text);
  return path;
}

/** Every line that the user sees. */
function faults(...argv: string[]): string[] {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    readOptions(argv, "default.sqlite");
    return [];
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    const printed = write.mock.calls.map(([text]) => String(text).trimEnd());
    return [...printed, ...error.lines];
  } finally {
    write.mockRestore();
  }
}

test("Without arguments, the own site is collected.", () => {
  expect(readOptions([], "default.sqlite")).toEqual({
    urls: [],
    db: "default.sqlite",
    fresh: false,
    concurrency: 500,
    timeout: "2s",
    sample: 20,
    seed: "observatory",
    records: undefined,
  });
});

test("Options are read in both spellings.", () => {
  const long = ["--concurrency", "20", "--timeout", "500ms", "--sample", "5", "--db", "x.sqlite", "--fresh"];
  const short = ["-c", "20", "-t", "500ms", "-s", "5", "-d", "x.sqlite", "-f"];
  expect(readOptions(long, "")).toEqual(readOptions(short, ""));
  expect(readOptions(long, "")).toMatchObject({
    concurrency: 20,
    timeout: "500ms",
    sample: 5,
    db: "x.sqlite",
    fresh: true,
  });
});

test("URLs come from the arguments and from a file, each once, in their normal form.", () => {
  const input = file("# my pages\r\n\r\n  HTTP://Example.com \nhttps://example.org/a?b#c\nhttps://example.org/a?b\n");
  expect(readOptions(["http://example.com/", "--input", input], "")).toMatchObject({
    urls: ["http://example.com/", "https://example.org/a?b"],
    sample: 0,
  });
});

test("Each line of a file that is no URL is named.", () => {
  const input = file(`https://example.com\nhello\nftp://example.com/x\n${"x".repeat(100)}\n`);
  const way = "write it as https://example.com/page";
  expect(faults("--input", input)).toEqual([
    `Cannot use line 2 of "${input}", "hello": it is no URL; ${way}`,
    `Cannot use line 3 of "${input}", "ftp://example.com/x": only http and https are fetched, received ftp:; ${way}`,
    `Cannot use line 4 of "${input}", "${"x".repeat(60)}…": it is no URL; ${way}`,
  ]);
});

test("Every fault is named, not only the first.", () => {
  expect(faults("example.com", "--concurrency", "0", "--timeout", "3", "--sample", "-1")).toEqual([
    'Cannot use argument "example.com": it is no URL; write it as https://example.com/page',
    'Cannot use --timeout "3": expected a duration with its unit, such as 500ms or 3s',
    'Cannot use --concurrency "0": expected a whole number from 1 to 10,000',
    'Cannot use --sample "-1": expected a whole number from 0 to 10,000',
  ]);
});

test.each(["0s", "0ms", "fast", "3 s", "-1s", "1h", "."])("A timeout of %s cannot be used.", (text) => {
  expect(faults(`--timeout=${text}`)).toEqual([
    `Cannot use --timeout "${text}": expected a duration with its unit, such as 500ms or 3s`,
  ]);
});

test("A file that cannot be read, or has no URLs, is named.", () => {
  const empty = file("# nothing\n");
  expect(faults("-i", "nowhere.txt")).toEqual(['Cannot read --input "nowhere.txt": there is no such file']);
  expect(faults("-i", folder)).toEqual([`Cannot read --input "${folder}": it is a folder; name a text file`]);
  expect(faults("-i", empty)).toEqual([`Cannot use --input "${empty}": it has no URLs; write one a line`]);
});

test("Options of the own site do not go with URLs.", () => {
  expect(faults("https://example.com", "--records", "5")).toEqual([
    "Cannot use --records with URLs of your own: it is about the example's own site; leave one out",
  ]);
});

test.each([
  [["--frsh"], 'Cannot use option "--frsh": it is unknown; did you mean --fresh?; see --help'],
  [["--nothing"], 'Cannot use option "--nothing": it is unknown; see --help'],
  [["--db"], "Option '-d, --db <file>' argument missing; see --help"],
])("%s is answered by one line.", (argv, line) => {
  expect(faults(...argv)).toEqual([line]);
});
