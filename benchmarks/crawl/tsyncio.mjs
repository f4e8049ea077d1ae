import { crawl } from "@tsyncio/crawl";
import { run } from "tsyncio";
import { report } from "./footprint.mjs";

const { port, mode, concurrency } = JSON.parse(process.argv[2]);

const began = performance.now();
const { items } = await run(
  crawl({
    start: `http://127.0.0.1:${port}/`,
    scope: { sites: ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"], include: ["/page/*"] },
    concurrency,
    extract: {
      title: "title",
      heading: "h1",
      sku: { selector: ".sku", attr: "data-sku" },
      price: { selector: ".price", as: "number" },
    },
    ...(mode === "disk" ? { store: "crawl.db", export: "items.jsonl" } : {}),
  }),
);
report(began, items);
