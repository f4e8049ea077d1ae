import type { RequestOptions } from "@tsyncio/http";
import type { ItemId } from "../input/item-id.ts";

/** A request of a batch: what `HttpClient.request` takes. */
export interface BatchRequest extends Pick<
  RequestOptions,
  "query" | "headers" | "json" | "form" | "timeout" | "maxBodySize" | "decompress"
> {
  /** Relative to the `baseUrl` of the client, if it has one. */
  readonly url: string | URL;
  /** Default: POST with a body, GET without. */
  readonly method?: string;
  /** A body as it is. */
  readonly body?: string | Uint8Array;
}

/** Which item a request is for. */
export interface ItemInfo {
  readonly id: ItemId;
  readonly line: number;
}

/** How much a request takes of the limits: `{ tokens: 700 }`. It takes one of `requests` besides, unless it says otherwise. */
export type BatchCost = Readonly<Record<string, number>>;

/** What a request sends, for estimates. */
export function methodOf(request: BatchRequest): string {
  const hasBody = request.json !== undefined || request.form !== undefined || request.body !== undefined;
  return request.method ?? (hasBody ? "POST" : "GET");
}
