import { readFileSync } from "node:fs";

/** The URLs among the program's arguments, in their normal form. What is none adds a line to `faults`. */
export function readUrls(args: readonly string[], faults: string[]): string[] {
  return args.flatMap((text) => asUrl(text, `Cannot use argument "${text}"`, faults));
}

/** The URLs of a text file, one a line. Each line that is none, and a file without any, adds a line to `faults`. */
export function readUrlFile(file: string, faults: string[]): string[] {
  const text = readText(file, faults);
  if (text === undefined) return [];
  const before = faults.length;
  const urls = text.split(/\r?\n/).flatMap((line, index) => {
    const content = line.trim();
    if (content === "" || content.startsWith("#")) return [];
    return asUrl(content, `Cannot use line ${index + 1} of "${file}", "${shortened(content)}"`, faults);
  });
  if (urls.length === 0 && faults.length === before) {
    faults.push(`Cannot use --input "${file}": it has no URLs; write one a line`);
  }
  return urls;
}

function asUrl(text: string, fault: string, faults: string[]): string[] {
  const way = "write it as https://example.com/page";
  if (!URL.canParse(text)) {
    faults.push(`${fault}: it is no URL; ${way}`);
    return [];
  }
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    faults.push(`${fault}: only http and https are fetched, received ${url.protocol}; ${way}`);
    return [];
  }
  // A fragment is never sent.
  url.hash = "";
  return [url.href];
}

const READ_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder; name a text file",
  EACCES: "no permission to read it",
};

function readText(file: string, faults: string[]): string | undefined {
  try {
    return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    faults.push(`Cannot read --input "${file}": ${READ_FAULTS[code ?? ""] ?? message}`);
    return undefined;
  }
}

const LONGEST_SHOWN = 60;

function shortened(text: string): string {
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}
