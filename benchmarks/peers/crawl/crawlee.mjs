import { CheerioCrawler, Configuration, log, LogLevel } from "@crawlee/cheerio";
import { report } from "../../crawl/footprint.mjs";

const { port, mode, concurrency } = JSON.parse(process.argv[2]);
log.setLevel(LogLevel.ERROR);

const began = performance.now();
let items = 0;
const crawler = new CheerioCrawler(
  {
    // As many at once from the beginning: it would find its way there in minutes.
    minConcurrency: concurrency,
    maxConcurrency: concurrency,
    respectRobotsTxtFile: true,
    async requestHandler({ $, enqueueLinks, pushData, request }) {
      await pushData({
        url: request.url,
        title: $("title").text(),
        heading: $("h1").text(),
        sku: $(".sku").attr("data-sku"),
        price: Number.parseFloat($(".price").text()),
      });
      items++;
      await enqueueLinks({ strategy: "all", globs: [`http://127.0.0.*:${port}/page/*`] });
    },
  },
  new Configuration({ persistStorage: mode === "disk", purgeOnStart: true }),
);
await crawler.run([`http://127.0.0.1:${port}/`]);
report(began, items);
