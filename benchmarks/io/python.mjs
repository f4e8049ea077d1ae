import { execFileSync } from "node:child_process";

/** The first of some Pythons that has a module; undefined where none has. */
export function pythonWith(module, pythons) {
  return pythons.find((python) => {
    try {
      execFileSync(python, ["-c", `import ${module}`], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });
}
