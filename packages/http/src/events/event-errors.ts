import { TsyncioError } from "tsyncio";

const SHOWN = 80;

/** The data of a server-sent event is no JSON. */
export class EventDataError extends TsyncioError {
  override readonly code: string = "TSYNCIO_HTTP_EVENT_DATA";
  static {
    this.prototype.name = "EventDataError";
  }

  /** @internal */
  constructor(data: string, options: ErrorOptions) {
    const shown = data.length > SHOWN ? `${data.slice(0, SHOWN)}…` : data;
    super(`Cannot read the data of an event as JSON: it is ${JSON.stringify(shown)}`, options);
  }
}

/** An event of a stream is longer than it may be. */
export class EventTooLargeError extends TsyncioError {
  override readonly code: string = "TSYNCIO_HTTP_EVENT_TOO_LARGE";
  static {
    this.prototype.name = "EventTooLargeError";
  }

  /** @internal */
  constructor(maxEventSize: number) {
    super(
      `Cannot read events: one is longer than the limit of ${maxEventSize} characters; pass a greater maxEventSize to have it`,
    );
  }
}
