// The public API as files in git: etc/<package>.api.md. `npm run api` writes them; with --check a difference is a failure.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor";

const root = fileURLToPath(new URL("..", import.meta.url));
const check = process.argv.includes("--check");

/** Report name → package folder and door, for every door that promises an API. */
const DOORS = [
  ["tsyncio", "packages/core", "index"],
  ["tsyncio-runtime", "packages/core", "runtime"],
  ["keywords", "packages/keywords", "index"],
  ["node", "packages/node", "index"],
  ["http", "packages/http", "index"],
  ["batch", "packages/batch", "index"],
  ["crawl", "packages/crawl", "index"],
];

let ok = true;
for (const [name, folder, door] of DOORS) {
  const entry = join(root, folder, "dist", `${door}.d.ts`);
  if (!existsSync(entry)) {
    console.error(`Cannot report the API of ${name}: ${entry} is missing; run npm run build`);
    ok = false;
    continue;
  }
  const reports = join(root, "etc");
  mkdirSync(reports, { recursive: true });
  mkdirSync(join(root, "temp"), { recursive: true });
  const config = ExtractorConfig.prepare({
    packageJsonFullPath: join(root, folder, "package.json"),
    configObjectFullPath: join(root, folder, "api-extractor.json"),
    configObject: {
      projectFolder: join(root, folder),
      mainEntryPointFilePath: entry,
      newlineKind: "lf",
      // Its own compiler reads the emitted declarations; the sources are TypeScript 7's.
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: "es2022",
            module: "nodenext",
            lib: ["es2023", "esnext.disposable", "dom"],
            types: folder === "packages/core" ? [] : ["node"],
            strict: true,
            skipLibCheck: true,
          },
          files: [entry],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: reports,
        reportTempFolder: join(root, "temp"),
        // What classes inherit from bases that are not exported is API as well.
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: "error" } },
        extractorMessageReporting: { default: { logLevel: "none" } },
        tsdocMessageReporting: { default: { logLevel: "none" } },
      },
    },
  });
  const result = Extractor.invoke(config, {
    localBuild: !check,
    messageCallback(message) {
      message.handled = message.logLevel !== "error";
      if (message.logLevel === "error") console.error(`${name}: ${message.text}`);
    },
  });
  if (check && result.apiReportChanged) {
    console.error(
      `The API of ${name} differs from etc/${name}.api.md; if it should, run npm run api and commit the report`,
    );
    ok = false;
  } else if (!result.succeeded) {
    ok = false;
  } else {
    console.log(
      `${name}: ${readFileSync(join(reports, `${name}.api.md`), "utf8").split("\n").length} lines${result.apiReportChanged ? ", written" : ", unchanged"}`,
    );
  }
}
process.exitCode = ok ? 0 : 1;
