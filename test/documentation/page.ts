/** A program shown in a page. */
export interface Snippet {
  /** Line of its first line in the page, from 1. */
  readonly line: number;
  readonly code: string;
  /** What the page says that it prints, or null where the page does not say. */
  readonly prints: string | null;
}

const FENCE = /^(\s*)```(\S*)(.*)$/;
const ARROW = /\/\/ → (.*)$/;

/**
 * The programs of a Markdown page: its fences marked `ts`. A fence marked `ts fragment` is no program.
 * What a program prints is the fence marked `text` that comes next, or its own comments `// → …`, a line each.
 */
export function snippetsOf(page: string): Snippet[] {
  const fences: { language: string; rest: string; line: number; content: string[] }[] = [];
  let open: (typeof fences)[number] | null = null;
  for (const [index, text] of page.split("\n").entries()) {
    const fence = FENCE.exec(text);
    if (fence && open) open = null;
    else if (fence) fences.push((open = { language: fence[2], rest: fence[3].trim(), line: index + 2, content: [] }));
    else open?.content.push(text);
  }
  return fences.flatMap(({ language, rest, line, content }, index) => {
    if (language !== "ts" || rest === "fragment") return [];
    const next = fences[index + 1];
    return [
      { line, code: content.join("\n"), prints: next?.language === "text" ? next.content.join("\n") : arrows(content) },
    ];
  });
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
