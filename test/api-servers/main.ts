/** The server of an `ApiProcess`: started with its options as JSON, it answers the questions of its parent and ends with it. */
import type { Answer, Ask } from "./api-process.ts";
import { ApiServer } from "./api-server.ts";

const server = await ApiServer.listening(JSON.parse(process.argv[2] ?? "{}"));

function answer(message: Answer): void {
  process.send?.(message);
}

process.on("message", (ask: Ask) => {
  if ("ask" in ask) return answer({ requests: server.log.requests });
  server.plan(ask.plan);
  answer({ planned: true });
});
process.on("disconnect", () => process.exit());
answer({ url: server.url });
// Started by hand, for a look with curl.
if (process.send === undefined) console.log(server.url);
