// An echo server of one peer: node server.mjs <peer>. Prints its port; then, for each line that it is sent, the CPU microseconds that it has used.
const { serve } = await import(process.argv[2] === "tsyncio" ? "./tsyncio.ts" : `./${process.argv[2]}.mjs`);

process.stdin.on("data", () => {
  const { user, system } = process.cpuUsage();
  console.log(user + system);
});
await serve((port) => console.log(port));
