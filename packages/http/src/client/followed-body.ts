import { type Coroutine, coroutine } from "tsyncio";
import type { WireBody } from "../wire/transport.ts";

/** A body that tells when it has come to its end, in whatever way. */
export class FollowedBody implements WireBody {
  readonly #body: WireBody;
  #ended: (() => void) | null;

  /** @param ended is called once. */
  constructor(body: WireBody, ended: () => void) {
    this.#body = body;
    this.#ended = ended;
  }

  cancel(): void {
    this.#body.cancel();
    this.end();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    const parts = this.#body[Symbol.asyncIterator]();
    return {
      next: () => following(this, parts),
      return: () => leaving(this),
    };
  }

  /** @internal */
  end(): void {
    const ended = this.#ended;
    this.#ended = null;
    ended?.();
  }
}

const following: (
  body: FollowedBody,
  parts: AsyncIterator<Uint8Array>,
) => Coroutine<IteratorResult<Uint8Array, undefined>> = coroutine(function* next(
  body: FollowedBody,
  parts: AsyncIterator<Uint8Array>,
): Generator<any, IteratorResult<Uint8Array, undefined>, any> {
  let going = false;
  try {
    const step = (yield parts.next()) as IteratorResult<Uint8Array, undefined>;
    going = step.done !== true;
    return step;
  } finally {
    if (!going) body.end();
  }
});

const leaving: (body: FollowedBody) => Coroutine<IteratorResult<Uint8Array, undefined>> = coroutine(function* leave(
  body: FollowedBody,
): Generator<any, IteratorResult<Uint8Array, undefined>, any> {
  body.cancel();
  return { done: true, value: undefined };
});
