import { Agent, interceptors, request, type Dispatcher } from "undici";
import { UnreadableError } from "./source.ts";

/** What a server answered: the whole of it. */
export interface Answer {
  readonly status: number;
  /** Where it came from, after redirections. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** From the request to the last byte. */
  readonly milliseconds: number;
}

/** A larger body is given up. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_REDIRECTIONS = 5;
const HEADERS = { "user-agent": "tsyncio-observatory", accept: "*/*", "accept-encoding": "identity" };

/**
 * HTTP over kept connections. This file imports nothing from tsyncio, so its async functions are JavaScript's own:
 * `fromPromise((signal) => client.get(url, signal))` makes one cancellable.
 */
export class Client implements AsyncDisposable {
  readonly #agent: Agent;
  readonly #dispatcher: Dispatcher;

  /** @param connections at most so many to one origin */
  constructor(connections: number) {
    // How long an answer may take is decided by the caller, who aborts.
    this.#agent = new Agent({ connections, maxResponseSize: MOST_BYTES, headersTimeout: 0, bodyTimeout: 0 });
    this.#dispatcher = this.#agent.compose(interceptors.redirect({ maxRedirections: MOST_REDIRECTIONS }));
  }

  /**
   * Fetches a URL, whatever the status of the answer. When `signal` aborts, the connection is closed.
   *
   * @throws {UnreadableError} when the connection ends in the middle of the body
   */
  async get(url: string, signal: AbortSignal): Promise<Answer> {
    const begun = performance.now();
    const response = await request(url, { dispatcher: this.#dispatcher, signal, headers: HEADERS });
    const body = await wholeBody(response);
    const { history } = response.context as { readonly history: readonly URL[] };
    return {
      status: response.statusCode,
      url: history.at(-1)?.href ?? url,
      headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
      body,
      milliseconds: performance.now() - begun,
    };
  }

  /** Closes the connections at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}

async function wholeBody({ body }: Dispatcher.ResponseData): Promise<Buffer> {
  try {
    return Buffer.from(await body.arrayBuffer());
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "UND_ERR_SOCKET" && code !== "ECONNRESET") throw error;
    throw new UnreadableError("the body is cut off", { cause: error });
  }
}
