import { type Awaitable, type Coroutine, asyncGenerator, coroutine, give } from "tsyncio";
import { type HeaderValues, HttpHeaders, type HttpTransport, type WireRequest, type WireResponse } from "@tsyncio/http";

/** What comes of a request: an answer, whose parts are text and waits for something. Throw an error to have no answer. */
export interface Scripted {
  readonly status?: number;
  readonly headers?: HeaderValues;
  readonly parts?: readonly (string | (() => Awaitable<unknown>))[];
}

/** Answers as it is written, without a network: for tests in virtual time. */
export class ScriptedTransport implements HttpTransport {
  readonly requests: WireRequest[] = [];
  /** How many bodies were cancelled before their end. */
  cancelled = 0;
  /** How many bodies were given and neither read to the end nor cancelled. */
  open = 0;
  readonly #answer: (request: WireRequest, number: number) => Scripted;

  /** @param answer is told which request it is, from 1. */
  constructor(answer: (request: WireRequest, number: number) => Scripted) {
    this.#answer = answer;
  }

  exchange(request: WireRequest): Coroutine<WireResponse> {
    return exchanging(() => {
      const { status = 200, headers = {}, parts = [] } = this.#answer(request, this.requests.push(request));
      let open = true;
      this.open++;
      const end = () => {
        if (open) this.open--;
        open = false;
      };
      const cancel = () => {
        if (open) this.cancelled++;
        end();
      };
      const body = playing(parts, end, cancel);
      const whole = Buffer.from(parts.filter((part) => typeof part === "string").join(""));
      return {
        status,
        statusText: "",
        headers: new HttpHeaders(headers),
        body: request.whole ? whole : Object.assign(body, { cancel }),
      };
    });
  }

  close(): Coroutine<void> {
    return exchanging(() => {});
  }
}

const exchanging = coroutine(function* exchange<T>(answer: () => T) {
  return answer();
});

const playing = asyncGenerator(function* body(
  parts: NonNullable<Scripted["parts"]>,
  ended: () => void,
  cancel: () => void,
): Generator<any, void, any> {
  try {
    for (const part of parts) {
      if (typeof part === "string") yield* give(Buffer.from(part));
      else yield part();
    }
    ended();
  } finally {
    cancel();
  }
});
