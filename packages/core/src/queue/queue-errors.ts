import { TsyncioError } from "../errors.ts";
import { named } from "../named.ts";

/** `getNowait()` found nothing in the queue. */
export class QueueEmpty extends TsyncioError {
  override readonly code: string = "TSYNCIO_QUEUE_EMPTY";
  static {
    named(this, "QueueEmpty");
  }
}

/** `putNowait()` found no free place in the queue. */
export class QueueFull extends TsyncioError {
  override readonly code: string = "TSYNCIO_QUEUE_FULL";
  static {
    named(this, "QueueFull");
  }
}

/** The queue was shut down: it takes no more items, and gives none once it is empty. */
export class QueueShutDown extends TsyncioError {
  override readonly code: string = "TSYNCIO_QUEUE_SHUT_DOWN";
  static {
    named(this, "QueueShutDown");
  }
}
