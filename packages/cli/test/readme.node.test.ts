import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { tsyncio } from "./tsyncio.ts";

const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");

test("the README shows what its program prints", async () => {
  const [, program] = /```ts fragment\n([^]*?)```/.exec(readme)!;
  const [, shown] = /```console\n\$ tsyncio run app\.ts\n([^]*?)```/.exec(readme)!;
  const folder = await mkdtemp(join(tmpdir(), "tsyncio-readme-"));
  try {
    await writeFile(join(folder, "app.ts"), program!);
    await symlink(fileURLToPath(new URL("../../../node_modules", import.meta.url)), join(folder, "node_modules"));
    const { code, stdout, stderr } = await tsyncio(["run", "app.ts"], { cwd: folder });
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: "", stderr: shown });
  } finally {
    await rm(folder, { recursive: true });
  }
});
