// npm run conformance: what CPython's tests pin, the ledger of them, and the pairs of programs.
import { Tally } from "./tally.mjs";

const tally = new Tally();
const built = await tally.check("build", "tsc -b");
await tally.ledger(await tally.vitest("conformance", "--project conformance"));
if (built) await tally.pairs();
tally.close();
