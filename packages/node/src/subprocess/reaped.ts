import { CancelledError, cancelScope } from "tsyncio";
import type { ProcessTransport } from "./process-transport.ts";

/**
 * Waits until a child that is about to end is gone with all its pipes, come what may. `impatient` is called at each
 * cancellation of the wait; the last of these is thrown in the end.
 */
export function* reaped(transport: ProcessTransport, impatient: () => void): Generator<undefined, void, any> {
  let cancelled: CancelledError | null = null;
  function* waiting(): Generator<undefined, void, any> {
    for (;;) {
      try {
        yield* transport.exited();
        transport.close();
        return yield* transport.ended();
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error;
        cancelled = error;
        impatient();
      }
    }
  }
  yield* cancelScope(waiting, { shield: true });
  if (cancelled !== null) throw cancelled;
}
