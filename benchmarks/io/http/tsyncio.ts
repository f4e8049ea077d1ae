import { HttpClient } from "@tsyncio/http";
import { gather, run } from "tsyncio";

async function worker(client: HttpClient, url: string, requests: number) {
  for (let i = 0; i < requests; i++) {
    const { bytes } = await client.get(url);
    if (bytes.length !== 1024) throw new Error(`Cannot measure: ${bytes.length} bytes came`);
  }
}

export function connect(origin: string) {
  const client = new HttpClient({ connectionsPerOrigin: 50 });
  const url = `${origin}/`;
  return (count: number, requests: number) =>
    run(() => gather(Array.from({ length: count }, () => worker(client, url, requests))));
}
