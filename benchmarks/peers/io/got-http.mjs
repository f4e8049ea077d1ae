import { Agent } from "node:http";
import got from "got";
import { workers } from "../../io/http/workers.mjs";

export function connect(origin) {
  const agent = { http: new Agent({ keepAlive: true, maxSockets: 50 }) };
  return workers(async () => (await got(`${origin}/`, { agent, responseType: "buffer" })).body.length);
}
