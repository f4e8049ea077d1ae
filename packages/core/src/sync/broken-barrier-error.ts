import { RuntimeError } from "../errors.ts";
import { named } from "../named.ts";

/** The barrier was aborted, or reset while tasks waited in it. */
export class BrokenBarrierError extends RuntimeError {
  override readonly code: string = "TSYNCIO_BROKEN_BARRIER";
  static {
    named(this, "BrokenBarrierError");
  }
}
