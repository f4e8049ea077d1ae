import { request as overHttp } from "node:http";
import { request as overHttps } from "node:https";
import type { SecureContextOptions } from "node:tls";
import type { Dial } from "./dial.ts";
import { proxyHeaders } from "./proxy.ts";

/** A socket to the server, through a proxy, which is asked to connect (`CONNECT`). */
export function tunnel(proxy: URL, target: URL, tls: SecureContextOptions): Dial {
  const secure = proxy.protocol === "https:";
  const authority = `${target.hostname}:${target.port || (target.protocol === "https:" ? 443 : 80)}`;
  return (told) => {
    const request = (secure ? overHttps : overHttp)({
      ...(secure ? tls : undefined),
      host: proxy.hostname.replace(/^\[|\]$/g, ""),
      port: proxy.port || (secure ? 443 : 80),
      method: "CONNECT",
      path: authority,
      headers: { host: authority, ...proxyHeaders(proxy) },
      agent: false,
    });
    request.on("error", (error) => told(error, null));
    request.on("connect", (response, socket, head) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        told(
          new Error(`the proxy ${proxy.host} declines with status ${response.statusCode} ${response.statusMessage}`),
          null,
        );
        return;
      }
      if (head.length > 0) socket.unshift(head);
      told(null, socket);
    });
    request.end();
    return request;
  };
}
