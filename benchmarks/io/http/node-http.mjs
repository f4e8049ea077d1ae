import { Agent, get } from "node:http";
import { workers } from "./workers.mjs";

export function connect(origin) {
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  const { hostname, port } = new URL(origin);
  return workers(
    () =>
      new Promise((resolve, reject) => {
        const receive = (response) => {
          const parts = [];
          response
            .on("data", (part) => parts.push(part))
            .on("end", () => resolve(Buffer.concat(parts).length))
            .on("error", reject);
        };
        get({ hostname, port, path: "/", agent }, receive).on("error", reject);
      }),
  );
}
