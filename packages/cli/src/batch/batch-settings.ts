import { readFileSync } from "node:fs";
import {
  type BatchInput,
  type BatchOptions,
  type BatchOutput,
  type BatchPreset,
  type RequestTemplate,
  type SyncPolicy,
  anthropicMessages,
  csvInput,
  databaseOutput,
  jsonlInput,
  jsonlOutput,
  openAiChat,
  openAiEmbeddings,
} from "@tsyncio/batch";
import { UsageError } from "../program-file.ts";
import type { BatchFlags, PRESETS } from "./batch-flags.ts";
import { requestModule } from "./request-module.ts";

type Format = "jsonl" | "csv" | "tsv";
type Request = Pick<BatchOptions, "request" | "template" | "preset">;

/** What was asked for, as `batch` takes it. */
export interface BatchSettings {
  readonly input: BatchInput;
  readonly options: BatchOptions;
}

/** @throws {UsageError} for what cannot be meant. */
export async function batchSettings(input: string, flags: BatchFlags): Promise<BatchSettings> {
  const { id, learn, concurrency, attempts, maxFailures, idempotencyKey, retryFailed } = flags;
  const options: BatchOptions = {
    ...(await requestOf(flags)),
    output: outputOf(flags),
    limits: limitsOf(flags.limit ?? []),
    learnLimits: learn,
    ...(id !== undefined && { id }),
    ...(concurrency !== undefined && { concurrency }),
    ...(attempts !== undefined && { retry: { attempts } }),
    ...(maxFailures !== undefined && { maxFailuresInRow: maxFailures === 0 ? null : maxFailures }),
    ...(idempotencyKey && { idempotencyKey }),
    ...(retryFailed && { retryFailed }),
  };
  return { input: inputOf(input, flags.format), options };
}

function inputOf(input: string, format: string | undefined): BatchInput {
  const source = input === "-" ? process.stdin : input;
  const kind = format ?? formatOf(input);
  if (kind === "jsonl") return jsonlInput(source);
  if (kind === "csv") return csvInput(source);
  if (kind === "tsv") return csvInput(source, { delimiter: "\t" });
  throw new UsageError(`Cannot read ${input} as "${kind}": expected jsonl, csv or tsv`);
}

function formatOf(input: string): Format {
  if (input === "-" || /\.(?:jsonl|ndjson)$/i.test(input)) return "jsonl";
  const ending = /\.(csv|tsv)$/i.exec(input)?.[1]?.toLowerCase();
  if (ending !== undefined) return ending as Format;
  throw new UsageError(`Cannot read ${input}: its name does not tell what it is; pass --format jsonl, csv or tsv`);
}

function outputOf({ output, order, table, sync }: BatchFlags): BatchOutput {
  if (/\.(?:jsonl|ndjson)$/i.test(output)) {
    if (table !== undefined) throw new UsageError(`Cannot write ${output}: --table is for a database`);
    const policy = sync === "never" ? false : (sync as SyncPolicy | undefined);
    return jsonlOutput(output, { order, ...(policy !== undefined && { sync: policy }) });
  }
  if (!/\.(?:db|sqlite3?)$/i.test(output))
    throw new UsageError(`Cannot write ${output}: expected a name that ends in .jsonl, .ndjson, .db or .sqlite`);
  if (order === "input")
    throw new UsageError(`Cannot write ${output}: --order is for JSONL; a database has the column line`);
  return databaseOutput(output, { sync: sync === "always", ...(table !== undefined && { table }) });
}

function limitsOf(given: readonly string[]): Exclude<BatchOptions["limits"], undefined> {
  const limits: Record<string, `${number}/${number}m`[]> = {};
  for (const limit of given) {
    const match = /^([\w-]+)=(.+)$/.exec(limit);
    if (match === null) throw new UsageError(`Cannot keep the limit "${limit}": expected one such as requests=600/1m`);
    const [, name, rate] = match as unknown as [string, string, `${number}/${number}m`];
    (limits[name] ??= []).push(rate);
  }
  return limits;
}

async function requestOf(flags: BatchFlags): Promise<Request> {
  const { url, request, preset } = flags;
  const given = [url, request, preset].filter((one) => one !== undefined);
  if (given.length !== 1)
    throw new UsageError(
      `Cannot make requests: ${given.length === 0 ? "pass one of" : "only one can be used of"} --url, --request and --preset`,
    );
  const timeout = flags.timeout as `${number}s` | undefined;
  if (url !== undefined) return { template: { ...templateOf(url, flags), ...(timeout !== undefined && { timeout }) } };
  if (preset !== undefined)
    return { preset: withTimeout(presetOf(preset as (typeof PRESETS)[number], flags), timeout) };
  return { request: await requestModule(request as string, timeout) };
}

function templateOf(url: string, { method, header, data }: BatchFlags): RequestTemplate {
  return {
    url,
    ...(method !== undefined && { method }),
    ...(header !== undefined && { headers: headersOf(header) }),
    ...(data !== undefined && bodyOf(data)),
  };
}

function headersOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(":");
      if (at < 1) throw new UsageError(`Cannot send the header "${line}": expected "Name: value"`);
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}

/** What is JSON is a body of JSON. */
function bodyOf(data: string): Pick<RequestTemplate, "json" | "body"> {
  const text = data.startsWith("@") ? readText(data.slice(1)) : data;
  try {
    return { json: JSON.parse(text) as unknown };
  } catch {
    return { body: text };
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${(error as Error).message}`);
  }
}

function presetOf(preset: (typeof PRESETS)[number], flags: BatchFlags): BatchPreset {
  const { model, baseUrl, system, stream, header } = flags;
  if (model === undefined) throw new UsageError(`Cannot use the preset ${preset}: pass --model`);
  const access = {
    model,
    headers: headersOf(header ?? []),
    ...(baseUrl !== undefined && { baseUrl }),
    parameters: parametersOf(flags),
  };
  if (preset === "openai-embeddings") return openAiEmbeddings(access);
  const conversation = { ...access, ...(system !== undefined && { system }), ...(stream && { stream }) };
  return preset === "openai-chat" ? openAiChat(conversation) : anthropicMessages(conversation);
}

function parametersOf({ parameters }: BatchFlags): Record<string, unknown> {
  if (parameters === undefined) return {};
  try {
    const value: unknown = JSON.parse(parameters);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new UsageError(`Cannot use --parameters ${parameters}: expected an object of JSON`);
}

function withTimeout(preset: BatchPreset, timeout: `${number}s` | undefined): BatchPreset {
  if (timeout === undefined) return preset;
  return {
    ...preset,
    request: (value, item) => {
      const made = preset.request(value, item);
      return "url" in made ? { ...made, timeout } : made;
    },
  };
}
