import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { findChromium } from "./scripts/chromium.mjs";
import { keywordTests } from "./vitest.config.ts";

/** The suite of the core and what CPython's tests pin of it once more, in headless Chromium. Tests that need Node are named `*.node.test.ts`. */
export default defineConfig({
  root: ".",
  plugins: keywordTests(),
  oxc: { target: "es2022" },
  resolve: { conditions: ["@tsyncio/source", "module", "browser", "development|production"] },
  test: {
    include: ["packages/core/test/**/*.test.ts", "conformance/{cpython,semantics}/**/*.test.ts"],
    exclude: ["**/*.node.test.ts"],
    passWithNoTests: true,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          executablePath: findChromium(),
          args: [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--js-flags=--expose-gc",
          ],
        },
      }),
      instances: [{ browser: "chromium", name: "chromium" }],
    },
  },
});
