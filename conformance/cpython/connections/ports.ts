import { type LookupFunction, createServer } from "node:net";
import { type Coroutine, Future, coroutine } from "tsyncio";

/** A port at which nobody listens: it was had a moment ago. */
export const closedPort: () => Coroutine<number> = coroutine(function* closedPort() {
  const server = createServer();
  const listening = new Future<undefined>();
  server.listen(0, () => listening.setResult(undefined));
  yield* listening;
  const { port } = server.address() as { port: number };
  const closed = new Future<undefined>();
  server.close(() => closed.setResult(undefined));
  yield* closed;
  return port;
});

/** A resolver that knows these names. */
export function knows(names: Readonly<Record<string, readonly string[]>>): LookupFunction {
  return (name, _options, answer) => {
    const addresses = (names[name] ?? []).map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    queueMicrotask(() => answer(null, addresses));
  };
}

/** A resolver that must not be asked. */
export const unasked: LookupFunction = (name) => {
  throw new Error(`the resolver was asked for ${name}`);
};
