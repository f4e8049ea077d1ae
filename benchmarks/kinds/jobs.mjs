import { connect } from "node:net";

/** I/O: asks the server of the benchmark, which takes its time. */
export function io(port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => (answer += chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(answer.length));
  });
}

/** CPU: how many primes there are below a number, without any cleverness. */
export function cpu() {
  const limit = 300_000;
  let primes = 0;
  for (let n = 2; n < limit; n++) {
    let prime = true;
    for (let divisor = 2; divisor * divisor <= n; divisor++)
      if (n % divisor === 0) {
        prime = false;
        break;
      }
    if (prime) primes++;
  }
  return primes;
}

export function noop(x) {
  return x;
}

/** Megabytes of this process, a worker or not. */
export function memory() {
  return process.memoryUsage().rss / 1e6;
}
