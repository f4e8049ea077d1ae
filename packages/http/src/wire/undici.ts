import { createRequire } from "node:module";
import type { Client, buildConnector } from "undici";

/** Opens sockets; undici's own connector also gives them back at once, still connecting. */
export type Connect = (
  options: buildConnector.Options,
  callback: (...args: [null, import("node:net").Socket] | [Error, null]) => void,
) => import("node:net").Socket;

interface Parts {
  readonly Client: typeof Client;
  readonly buildConnector: (options: buildConnector.BuildOptions) => Connect;
}

let parts: Parts | undefined;

/** The two parts of undici that are used, loaded at the first request: all of it costs a start-up 80 ms, these 30. */
export function undici(): Parts {
  if (parts !== undefined) return parts;
  const require = createRequire(import.meta.url);
  parts = {
    Client: require("undici/lib/dispatcher/client.js") as typeof Client,
    buildConnector: require("undici/lib/core/connect.js") as Parts["buildConnector"],
  };
  return parts;
}
