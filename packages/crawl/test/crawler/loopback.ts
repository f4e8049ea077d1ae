import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";

type Answer = string | ((request: IncomingMessage, response: ServerResponse) => void);

/** A server of some pages in this process, for tests of one behaviour. What is not among its pages is 404. */
export interface Loopback extends AsyncDisposable {
  readonly origin: string;
  /** Paths, in the order in which they were asked for; robots.txt is left out. */
  readonly asked: string[];
  /** How many requests were closed before they were answered. */
  readonly closed: () => number;
}

export async function loopback(pages: Record<string, Answer>): Promise<Loopback> {
  const asked: string[] = [];
  let closed = 0;
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    if (path !== "/robots.txt") asked.push(path);
    response.on("close", () => {
      if (!response.writableFinished) closed++;
    });
    const answer = pages[path];
    if (typeof answer === "function") return answer(request, response);
    response.statusCode = answer === undefined ? 404 : 200;
    response.setHeader("content-type", "text/html");
    response.end(answer ?? "not found");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    closed: () => closed,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A page that only has links. */
export const links = (...paths: string[]): string => paths.map((path) => `<a href="${path}">${path}</a>`).join("\n");
