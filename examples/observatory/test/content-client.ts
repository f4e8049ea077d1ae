import {
  HttpClient,
  HttpHeaders,
  type HttpTransport,
  type WireBody,
  type WireRequest,
  type WireResponse,
} from "@tsyncio/http";

export interface Answered {
  readonly status?: number;
  readonly type: string;
  readonly body: string | Uint8Array;
}

/** A client without a wire: what it asks for is answered by a function. */
export function contentClient(answer: (path: string) => Answered): HttpClient {
  return new HttpClient({ baseUrl: "http://content.example", retry: false, transport: new ContentTransport(answer) });
}

class ContentTransport implements HttpTransport {
  readonly #answer: (path: string) => Answered;

  constructor(answer: (path: string) => Answered) {
    this.#answer = answer;
  }

  async exchange({ url, whole }: WireRequest): Promise<WireResponse> {
    "native async";
    const { status = 200, type, body } = this.#answer(url.pathname + url.search);
    const bytes = Buffer.from(body as Uint8Array);
    const headers = new HttpHeaders({ "content-type": type });
    return { status, statusText: "", headers, body: whole ? bytes : parts(bytes) };
  }

  async close(): Promise<void> {
    "native async";
  }
}

/** A body that comes in one part. */
function parts(bytes: Uint8Array): WireBody {
  return {
    async *[Symbol.asyncIterator]() {
      "native async";
      yield bytes;
    },
    cancel() {},
  };
}
