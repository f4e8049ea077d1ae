import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
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
  /** Requests allowed to the service that finds airports. */
  readonly service?: Allowance;
  /** Requests allowed to everything else, which tells only those that come too fast. */
  readonly pages?: Allowance;
}

/** The website on loopback: slow, limited, and not always well. */
export class Site {
  readonly #content: Content;
  readonly #seed: string | undefined;
  readonly #parts: Readonly<Record<"api" | "service" | "pages", Part>>;
  readonly #attempts = new Map<string, number>();
  readonly #server: Server;

  private constructor(content: Content, options: SiteOptions) {
    const { api = { rate: 250, burst: 50 }, service = { rate: 500, burst: 50 } } = options;
    const { pages = { rate: 400, burst: 150 } } = options;
    this.#content = content;
    this.#seed = options.seed;
    this.#parts = { api: part("api", api), service: part("service", service), pages: part("pages", pages) };
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
    const isService = url === SERVICE && request.method === "POST";
    if (!this.#admit(isService ? "service" : url.startsWith("/api/") ? "api" : "pages", response)) return;
    const body = isService ? await text(request) : "";
    const asked = url + body;
    const attempt = this.#attempts.get(asked) ?? 0;
    this.#attempts.set(asked, attempt + 1);
    const { latency, fault } = this.#seed === undefined ? NO_TROUBLE : fateOf(this.#seed, asked, attempt);
    await delay(latency);
    send(isService ? this.#content.nearestAirport(body) : this.#content.at(url), fault, response);
  }

  /** Answers 429 itself when there have been too many requests. */
  #admit(name: "api" | "service" | "pages", response: ServerResponse): boolean {
    const { bucket, policy } = this.#parts[name];
    const wait = bucket.take(performance.now());
    if (name !== "pages" || wait > 0) response.setHeader("ratelimit-policy", policy);
    if (wait === 0) return true;
    response.writeHead(429, { "retry-after": String(wait), "content-type": "text/plain" }).end("Too many requests\n");
    return false;
  }
}

/** A part of the site that is limited by itself. */
interface Part {
  readonly bucket: TokenBucket;
  /** How it tells its limit. */
  readonly policy: string;
}

function part(name: string, allowance: Allowance): Part {
  return { bucket: new TokenBucket(allowance, performance.now()), policy: `"${name}";q=${allowance.rate};w=1` };
}

const SERVICE = "/api/v1/nearest-airport";
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
