import { BodyTooLargeError, type HttpClient, HttpError, HttpRedirectError } from "@tsyncio/http";
import { type Coroutine, coroutine, sleep } from "tsyncio";
import { MAX_ROBOTS_SIZE } from "./robots-rules.ts";

/**
 * What came for a robots.txt. `"none"`: there is none, all may be fetched; `"unreachable"`: its server fails, so that nothing may
 * be.
 */
export type LoadedRobots = { readonly text: string } | "none" | "unreachable";

const MAX_REDIRECTS = 5;
const FIRST_PAUSE = 500;

/**
 * Fetches a robots.txt as RFC 9309 has it: statuses 400 to 499 mean that there is none, as do more than five redirects; 500 to
 * 599 and no answer at all mean that everything is forbidden. 429 is one of the latter, as Google reads it: a server that wants
 * less is not to be taken for one that allows all.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9309#name-access-results
 */
export const loadRobots: (
  client: HttpClient,
  origin: string,
  headers: Readonly<Record<string, string>>,
  retries: number,
) => Coroutine<LoadedRobots> = coroutine(function* loadRobots(client, origin, headers, retries): Generator<
  any,
  LoadedRobots,
  any
> {
  for (let attempt = 0; ; attempt++) {
    const loaded = yield* once(client, `${origin}/robots.txt`, headers);
    if (loaded !== "unreachable" || attempt >= retries) return loaded;
    yield* sleep(FIRST_PAUSE * 2 ** attempt);
  }
});

function* once(
  client: HttpClient,
  url: string,
  headers: Readonly<Record<string, string>>,
): Generator<any, LoadedRobots, any> {
  try {
    const response = yield* client.stream("GET", url, {
      headers: { ...headers, accept: "text/plain,*/*;q=0.8" },
      redirect: "follow",
      maxRedirects: MAX_REDIRECTS,
      acceptStatus: "any",
      retry: false,
    });
    try {
      const { status } = response;
      if (status === 429 || status >= 500) return "unreachable";
      if (!response.ok) return "none";
      return { text: yield* readStart(response) };
    } finally {
      yield* response.close();
    }
  } catch (error) {
    if (error instanceof HttpRedirectError || error instanceof BodyTooLargeError) return "none";
    if (error instanceof HttpError) return "unreachable";
    throw error;
  }
}

/** What is beyond the limit is not read. */
function* readStart(body: AsyncIterable<Uint8Array>): Generator<any, string, any> {
  const parts: Uint8Array[] = [];
  const iterator = body[Symbol.asyncIterator]();
  for (let size = 0; size < MAX_ROBOTS_SIZE;) {
    const step: IteratorResult<Uint8Array> = yield iterator.next();
    if (step.done === true) break;
    parts.push(step.value);
    size += step.value.length;
  }
  return Buffer.concat(parts).subarray(0, MAX_ROBOTS_SIZE).toString("utf8");
}
