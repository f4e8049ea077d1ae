import { createReadStream, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { BatchError } from "../errors.ts";

const CHUNK = 64 * 1024;

/** Where the bytes of an input come from: a file, or anything that gives them piece by piece, such as `process.stdin`. */
export type ByteSource = string | URL | AsyncIterable<Uint8Array | string>;

/** A source that was looked at. */
export interface OpenSource {
  readonly name: string;
  /** In bytes; null for what is no file. */
  readonly size: number | null;
  readonly bytes: () => AsyncIterable<Uint8Array>;
}

/** @throws {BatchError} for a file that is not there. */
export function openSource(source: ByteSource): OpenSource {
  if (typeof source !== "string" && !(source instanceof URL)) {
    if (typeof source?.[Symbol.asyncIterator] !== "function")
      throw new TypeError(`Cannot read ${String(source)}: expected a path, a URL or an async iterable of bytes`);
    return { name: "the input", size: null, bytes: () => inBytes(source) };
  }
  const path = source instanceof URL ? fileURLToPath(source) : source;
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new BatchError(`Cannot read ${path}: no such file`);
  if (stats.isDirectory()) throw new BatchError(`Cannot read ${path}: it is a folder; name a file`);
  return {
    name: path,
    size: stats.isFile() ? stats.size : null,
    bytes: () => createReadStream(path, { highWaterMark: CHUNK }) as AsyncIterable<Uint8Array>,
  };
}

async function* inBytes(source: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}
