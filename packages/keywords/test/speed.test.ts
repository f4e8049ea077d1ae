import { expect, test } from "vitest";
import { transform } from "../src/transform.ts";

const BLOCK = `
export interface Options_N { readonly wait: number }
export async function work_N(a: number, { wait = 1 }: Partial<Options_N> = {}): Promise<number> {
  try {
    await sleep(wait);
  } catch (error) {
    throw new Error(\`failed \${a}\`, { cause: error });
  }
  for await (const x of items_N(a)) {
    if (x > 3) break;
    console.log(x, [1, 2, 3].map((y) => y + x));
  }
  return a;
}
const twice_N = async (x: number): Promise<number> => (await sleep(1), x * 2);
async function* items_N(n: number): AsyncGenerator<number> {
  for (let i = 0; i < n; i++) {
    yield i;
    await sleep(i);
  }
}
export class Store_N {
  private items: number[] = [];
  async add(x: number): Promise<void> {
    this.items.push(await twice_N(x));
  }
}`;

test("a file of 5,000 lines keeps its lines; the time is reported", () => {
  const count = Math.ceil(5000 / BLOCK.split("\n").length);
  const text = `import { sleep } from "tsyncio";${Array.from({ length: count }, (_, i) => BLOCK.replaceAll("_N", `${i}`)).join("")}`;
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    transform(text, { filename: "large.ts" });
    times.push(Math.round(performance.now() - start));
  }
  console.log(`a file of ${text.split("\n").length} lines: ${times.join(", ")} ms`);
  const { code } = transform(text, { filename: "large.ts", stripTypes: false })!;
  expect(code.split("\n")).toHaveLength(text.split("\n").length);
});
