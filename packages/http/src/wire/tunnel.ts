import { request as overHttp } from "node:http";
import { request as overHttps } from "node:https";
import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import type { Dial } from "./dial.ts";
import { proxyHeaders } from "./proxy.ts";

/** A socket to the server, through a proxy, which is asked to connect (`CONNECT`). */
export function tunnel(proxy: URL, target: URL, tls: ConnectionOptions): Dial {
  const secure = proxy.protocol === "https:";
  const authority = `${target.hostname}:${target.port || (target.protocol === "https:" ? 443 : 80)}`;
  const host = proxy.hostname.replace(/^\[|\]$/g, "");
  return (told) => {
    const request = (secure ? overHttps : overHttp)({
      // It is not the server that the certificate and the name of the client's options are for.
      ...(secure && {
        ca: tls.ca,
        rejectUnauthorized: tls.rejectUnauthorized,
        servername: isIP(host) === 0 ? host : "",
      }),
      host,
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
