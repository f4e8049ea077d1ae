import { EventDataError } from "./event-errors.ts";

/** One event of a stream. */
export class ServerSentEvent {
  /** Its `event:` field; `"message"` where there is none. */
  readonly type: string;
  /** Its `data:` lines, joined by newlines. */
  readonly data: string;
  /** The `id:` of this event, or of the last one before it that had one; `""` where no event had. */
  readonly id: string;

  /** @internal */
  constructor(type: string, data: string, id: string) {
    this.type = type;
    this.data = data;
    this.id = id;
  }

  /**
   * What its data says, read as JSON.
   *
   * @throws {EventDataError} when it is none.
   */
  json<T = any>(): T {
    try {
      return JSON.parse(this.data) as T;
    } catch (error) {
      throw new EventDataError(this.data, { cause: error });
    }
  }
}
