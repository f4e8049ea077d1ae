import { HttpClient } from "@tsyncio/http";
import { gather } from "tsyncio";
import { expect, test } from "vitest";
import { nodeProgram } from "../../../../conformance/node-program.ts";
import { thrownBy } from "../../../../conformance/thrown-by.ts";
import { CountingServer, echo } from "../counting-server.ts";

test("of very many origins those are forgotten of which there is nothing to know", () =>
  nodeProgram(async () => {
    const server = new CountingServer(echo);
    await server.listen();
    const client = new HttpClient({ retry: false });
    await client.get(server.origin);
    const nobody = function* () {
      for (let port = 1; port <= 2_500; port++)
        yield thrownBy(client.get(`http://127.1.${port >> 8}.${port & 255}:1/`));
    };
    await gather(nobody(), { limit: 20 });
    expect(Object.keys(client.statistics()).length).toBeLessThan(1_200);
    expect(client.statistics()[server.origin]).toMatchObject({ sockets: 1, inFlight: 0 });
    await client.get(server.origin);
    expect(server.connections).toBe(1);
    await client.close();
    await server.close();
  }));
