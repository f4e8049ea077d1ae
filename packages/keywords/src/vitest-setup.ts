import { preloadInWorkers } from "./worker-preload.ts";

// Vitest itself compiles what a test imports; what a worker of the test imports is compiled by the loader, as it was built.
const built = import.meta.url.endsWith(".ts") ? "../dist/register.js" : "./register.js";
preloadInWorkers(new URL(built, import.meta.url).href);
