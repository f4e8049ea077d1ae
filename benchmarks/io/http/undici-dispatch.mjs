import { Pool } from "undici";
import { workers } from "./workers.mjs";

export function connect(origin) {
  const pool = new Pool(origin, { connections: 50 });
  return workers(
    () =>
      new Promise((resolve, reject) => {
        const parts = [];
        pool.dispatch(
          { path: "/", method: "GET" },
          {
            onRequestStart() {},
            onResponseStart() {},
            onResponseData: (_controller, part) => void parts.push(part),
            onResponseEnd: () => resolve((parts.length === 1 ? parts[0] : Buffer.concat(parts)).length),
            onResponseError: (_controller, error) => reject(error),
          },
        );
      }),
  );
}
