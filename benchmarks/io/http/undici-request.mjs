import { Agent, request } from "undici";
import { workers } from "./workers.mjs";

export function connect(origin) {
  const dispatcher = new Agent({ connections: 50 });
  return workers(async () => {
    const { body } = await request(`${origin}/`, { dispatcher });
    return (await body.arrayBuffer()).byteLength;
  });
}
