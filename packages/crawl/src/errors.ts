import { TsyncioError } from "tsyncio";

/** Something about a crawl went wrong; the classes below say what. */
export class CrawlError extends TsyncioError {
  override readonly code: string = "TSYNCIO_CRAWL";
  static {
    Object.defineProperty(this.prototype, "name", { value: "CrawlError", configurable: true, writable: true });
  }
}

/** The file of a crawl cannot be opened or written; the message says what can be done. */
export class CrawlStoreError extends CrawlError {
  override readonly code: string = "TSYNCIO_CRAWL_STORE";
  static {
    Object.defineProperty(this.prototype, "name", { value: "CrawlStoreError", configurable: true, writable: true });
  }
}

/** A page does not have what an extraction requires, or it cannot be read as asked. */
export class ExtractError extends CrawlError {
  override readonly code: string = "TSYNCIO_CRAWL_EXTRACT";
  /** Which field, by its path: `"offers[2].price"`. */
  readonly field: string;
  static {
    Object.defineProperty(this.prototype, "name", { value: "ExtractError", configurable: true, writable: true });
  }

  constructor(message: string, field: string) {
    super(message);
    this.field = field;
  }
}

/** Something was asked of a page after its handler had ended: what is saved or followed then would be lost. */
export class PageClosedError extends CrawlError {
  override readonly code: string = "TSYNCIO_CRAWL_PAGE_CLOSED";
  static {
    Object.defineProperty(this.prototype, "name", { value: "PageClosedError", configurable: true, writable: true });
  }
}
