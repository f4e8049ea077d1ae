import { pathToFileURL } from "node:url";
import type { BatchOptions, BatchRequest } from "@tsyncio/batch";
import { programPath, UsageError } from "../program-file.ts";

type RequestFunction = NonNullable<BatchOptions["request"]>;

/**
 * The function that a program exports: as default, or as `request`.
 *
 * @throws {UsageError} when it exports none.
 */
export async function requestModule(file: string, timeout: `${number}s` | undefined): Promise<RequestFunction> {
  const path = programPath(file);
  await import("@tsyncio/keywords/register");
  const exported = (await import(pathToFileURL(path).href)) as {
    readonly default?: unknown;
    readonly request?: unknown;
  };
  const request = exported.default ?? exported.request;
  if (typeof request !== "function")
    throw new UsageError(
      `Cannot make requests by ${file}: its default export must be a function, it is ${typeof request}`,
    );
  if (timeout === undefined) return request as RequestFunction;
  return async (value, item) => ({ timeout, ...((await (request as RequestFunction)(value, item)) as BatchRequest) });
}
