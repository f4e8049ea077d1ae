import { InputFault } from "../errors.ts";
import type { ItemInfo } from "../request/batch-request.ts";
import { type JsonObject, isJsonObject } from "./json-object.ts";

/** The body of a line as OpenAI's own batches have it: `{ custom_id, method, url, body }`; null for any other line. */
export function bodyOfBatchLine(value: unknown): JsonObject | null {
  return isJsonObject(value) && isJsonObject(value["body"]) && "custom_id" in value ? value["body"] : null;
}

/** The item itself as parameters, without what only names it. */
export function withoutId(value: JsonObject): JsonObject {
  const { id: _, custom_id: __, ...rest } = value;
  return rest;
}

export function unusable({ line }: ItemInfo, expected: string): InputFault {
  return new InputFault(`Cannot make a request of line ${line}: expected ${expected}`);
}
