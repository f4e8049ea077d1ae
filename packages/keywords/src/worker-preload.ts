/** Where programs keep the addresses of the modules that the workers of `@tsyncio/node` load before anything else. */
const PRELOAD: unique symbol = Symbol.for("tsyncio.worker.preload") as never;

/**
 * Has the threads and processes of `@tsyncio/node` load a module first. A worker does not inherit the hooks of the program
 * that starts it: TypeScript and the keywords need them there too.
 */
export function preloadInWorkers(url: string): void {
  const program = globalThis as unknown as { [PRELOAD]?: string[] };
  const urls = (program[PRELOAD] ??= []);
  if (!urls.includes(url)) urls.push(url);
}
