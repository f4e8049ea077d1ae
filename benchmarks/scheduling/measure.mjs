// One workload of one peer in this process: node measure.mjs <peer> <workload> <runs>. Prints the CPU nanoseconds per operation of each run.
const [peer, workload, runs] = process.argv.slice(2);

const start = peer === "tsyncio" ? (await import("tsyncio")).run : (main) => main();
const { [workload]: main } = await import(peer === "tsyncio" ? "./tsyncio.ts" : `./${peer}.mjs`);
const figures = [];
for (let i = 0; i < Number(runs); i++) {
  const before = process.cpuUsage();
  const operations = await start(main);
  const { user, system } = process.cpuUsage(before);
  figures.push(((user + system) * 1_000) / operations);
}
console.log(JSON.stringify(figures));
