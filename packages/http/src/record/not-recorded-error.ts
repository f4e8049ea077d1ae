import { HttpError } from "../errors.ts";

/** A recording does not say what comes of this request. */
export class NotRecordedError extends HttpError {
  override readonly code: string = "TSYNCIO_HTTP_NOT_RECORDED";
  static {
    Object.defineProperty(this.prototype, "name", { value: "NotRecordedError", configurable: true, writable: true });
  }
}
