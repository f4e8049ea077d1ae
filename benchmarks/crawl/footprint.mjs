/** Prints what a crawl has cost, as the last line of a program: `began` is `performance.now()` before it. */
export function report(began, items) {
  const { user, system } = process.cpuUsage();
  const figures = {
    items,
    seconds: (performance.now() - began) / 1000,
    cpu: (user + system) / 1e6,
    memory: process.resourceUsage().maxRSS / 1024,
  };
  console.log(JSON.stringify(figures));
}
