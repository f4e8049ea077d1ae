/** A program shown in a page. */
export interface Snippet {
  /** Line of its first line in the page, from 1. */
  readonly line: number;
  readonly code: string;
  /** What the page says that it prints, or null where the page does not say. */
  readonly prints: string | null;
  /** What the page says that it reports on stderr; where it does not say, that is nothing. */
  readonly reports: string;
}

interface Fence {
  readonly language: string;
  readonly rest: string;
  readonly line: number;
  readonly content: string[];
}

const FENCE = /^(\s*)```(\S*)(.*)$/;
const ARROW = /\/\/ → (.*)$/;

/**
 * The programs of a Markdown page: its fences marked `ts`. A fence marked `ts fragment` is no program.
 * What a program prints is the fence marked `text` that comes next, or its own comments `// → …`, a line each (or several,
 * parted by ", "); what it reports on stderr is the fence marked `text stderr` after that.
 */
export function snippetsOf(page: string): Snippet[] {
  const fences = fencesOf(page);
  return fences.flatMap(({ language, rest, line, content }, index) => {
    if (language !== "ts" || rest === "fragment") return [];
    const following = fences.slice(index + 1, index + 3);
    const shown = following[0]?.language === "text" && following[0].rest === "" ? following.shift() : undefined;
    const reported = following[0]?.language === "text" && following[0].rest === "stderr" ? following[0] : undefined;
    return [
      {
        line,
        code: content.join("\n"),
        prints: shown?.content.join("\n") ?? arrows(content),
        reports: reported?.content.join("\n") ?? "",
      },
    ];
  });
}

/** The programs in the comments of a source file, for example those after `@example`: the fences that import something. */
export function examplesOf(source: string): Snippet[] {
  const comments = source.replaceAll(/^(?![ \t]*\*).*$/gm, "").replaceAll(/^[ \t]*\* ?/gm, "");
  return snippetsOf(comments).filter(({ code }) => /^import /m.test(code));
}

function fencesOf(page: string): Fence[] {
  const fences: Fence[] = [];
  let open: Fence | null = null;
  for (const [index, text] of page.split("\n").entries()) {
    const fence = FENCE.exec(text);
    if (fence && open) open = null;
    else if (fence) fences.push((open = { language: fence[2], rest: fence[3].trim(), line: index + 2, content: [] }));
    else open?.content.push(text);
  }
  return fences;
}

function arrows(lines: readonly string[]): string | null {
  const shown = lines.flatMap((line) => ARROW.exec(line)?.[1] ?? []);
  return shown.length > 0 ? shown.join("\n") : null;
}

/** Where the links of a page lead that stay in the repository. */
export function linksOf(page: string): string[] {
  const text = page.replaceAll(/^```[\s\S]*?^```/gm, "");
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target.replace(/#.*$/, ""));
  return targets.filter((target) => target !== "" && !/^[a-z]+:/.test(target));
}
