// An echo server of one peer: node server.mjs <module>. Prints its port; then, for each line that it is sent, the nanoseconds of
// CPU that its main thread has used.
import { threadCpu } from "../../thread-cpu.mjs";

const { serve } = await import(new URL(process.argv[2], import.meta.url).href);

process.stdin.on("data", () => console.log(threadCpu()));
await serve((port) => console.log(port));
