// npm test: every suite, on the Node at hand. The last line counts what ran: `N passed, N failed, N skipped`.
import { findChromium } from "./chromium.mjs";
import { Tally } from "./tally.mjs";

const tally = new Tally();
const built = await tally.check("build", "tsc -b");
// The type tests (`expectTypeOf`) are among these: the compiler itself runs them.
await tally.check("types", "tsc -b tsconfig.check.json");
await tally.ledger(await tally.vitest("suites"));
if (built) await tally.pairs();
if (findChromium()) await tally.vitest("chromium", "--config vitest.browser.config.ts");
else
  tally.skip(
    "the suite of the core and of conformance in Chromium (no Chromium here; Debian has it as the package chromium)",
  );
tally.close();
