import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Content, Document } from "./content.ts";
import { fateOf, type Fault } from "./fate.ts";
import { TokenBucket, type Allowance } from "./token-bucket.ts";

export interface SiteOptions {
  /** 0, which is the default, takes any free port. */
  readonly port?: number;
  /** What latencies and faults are drawn from; without a seed there are none. */
  readonly seed?: string;
  /** Requests allowed to /api/, which says so in its answers. */
  readonly api?: Allowance;
  /** Requests allowed to everything else, which tells only those that come too fast. */
  readonly pages?: Allowance;
}

/** The website on loopback: slow, limited, and not always well. */
export class Site {
  readonly #content: Content;
  readonly #seed: string | undefined;
  readonly #policies: { readonly api: string; readonly pages: string };
  readonly #apiBucket: TokenBucket;
  readonly #pagesBucket: TokenBucket;
  readonly #attempts = new Map<string, number>();
  readonly #server: Server;

  private constructor(content: Content, options: SiteOptions) {
    const { api = { rate: 250, burst: 50 }, pages = { rate: 400, burst: 150 } } = options;
    this.#content = content;
    this.#seed = options.seed;
    this.#policies = { api: `"api";q=${api.rate};w=1`, pages: `"pages";q=${pages.rate};w=1` };
    this.#apiBucket = new TokenBucket(api, performance.now());
    this.#pagesBucket = new TokenBucket(pages, performance.now());
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Opens the site; it is ready when the promise resolves. */
  static async open(content: Content, options: SiteOptions = {}): Promise<Site> {
    const site = new Site(content, options);
    await new Promise<void>((resolve, reject) => {
      site.#server.once("error", reject).listen(options.port ?? 0, "127.0.0.1", resolve);
    });
    return site;
  }

  /** Where the site is, such as `http://127.0.0.1:40123`. */
  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url!;
    if (!this.#admit(url, response)) return;
    const attempt = this.#attempts.get(url) ?? 0;
    this.#attempts.set(url, attempt + 1);
    const { latency, fault } = this.#seed === undefined ? NO_TROUBLE : fateOf(this.#seed, url, attempt);
    await delay(latency);
    send(this.#content.at(url), fault, response);
  }

  /** Answers 429 itself when there have been too many requests. */
  #admit(url: string, response: ServerResponse): boolean {
    const isApi = url.startsWith("/api/");
    const wait = (isApi ? this.#apiBucket : this.#pagesBucket).take(performance.now());
    if (isApi || wait > 0) response.setHeader("ratelimit-policy", isApi ? this.#policies.api : this.#policies.pages);
    if (wait === 0) return true;
    response.writeHead(429, { "retry-after": String(wait), "content-type": "text/plain" }).end("Too many requests\n");
    return false;
  }
}

const NO_TROUBLE = { latency: 0, fault: undefined };
const ERRORS = [500, 502, 503] as const;

function send({ status, type, body }: Document, fault: Fault | undefined, response: ServerResponse): void {
  const bytes = Buffer.from(body);
  const half = bytes.subarray(0, bytes.length >> 1);
  switch (fault) {
    case undefined:
      response.writeHead(status, { "content-type": type, "content-length": bytes.length }).end(bytes);
      return;
    case "error":
      response.writeHead(ERRORS[bytes.length % ERRORS.length]!, { "content-type": "text/plain" }).end("Out of order\n");
      return;
    case "reset":
      response.destroy();
      return;
    case "stall":
      return;
    case "cut":
      response.writeHead(status, { "content-type": type, "content-length": bytes.length });
      response.write(half, () => response.destroy());
      return;
    case "short":
      response.writeHead(status, { "content-type": type, "content-length": half.length }).end(half);
      return;
  }
}
