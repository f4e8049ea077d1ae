import { Agent } from "node:http";
import axios from "axios";
import { workers } from "../../io/http/workers.mjs";

export function connect(origin) {
  const client = axios.create({
    httpAgent: new Agent({ keepAlive: true, maxSockets: 50 }),
    responseType: "arraybuffer",
  });
  return workers(async () => (await client.get(`${origin}/`)).data.length);
}
