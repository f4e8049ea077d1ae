import { type BatchOutput, isBatchOutput } from "./batch-output.ts";
import { databaseOutput } from "./database-output.ts";
import { jsonlOutput } from "./jsonl-output.ts";

/**
 * The output of what was given: a file by the end of its name (`.jsonl`, `.ndjson`; `.db`, `.sqlite`, `.sqlite3`), or an output.
 *
 * @throws {TypeError} for anything else.
 */
export function openOutput(output: string | URL | BatchOutput): BatchOutput {
  if (typeof output === "string" || output instanceof URL) {
    const name = output instanceof URL ? output.pathname : output;
    if (/\.(?:jsonl|ndjson)$/i.test(name)) return jsonlOutput(output);
    if (/\.(?:db|sqlite3?)$/i.test(name)) return databaseOutput(output);
    throw new TypeError(
      `Cannot write ${name}: expected a name that ends in .jsonl, .ndjson, .db or .sqlite; or use jsonlOutput() or databaseOutput()`,
    );
  }
  if (isBatchOutput(output)) return output;
  throw new TypeError(`Cannot write ${String(output)}: expected a path, or an output such as jsonlOutput()`);
}
