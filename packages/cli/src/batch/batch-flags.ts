import { type Command, Option } from "commander";
import { append, wholeNumber, wholeNumberOrZero } from "../flag-values.ts";

/** The options of `tsyncio batch` as commander gives them. */
export interface BatchFlags {
  readonly output: string;
  readonly format?: string;
  readonly id?: string;
  readonly url?: string;
  readonly method?: string;
  readonly header?: readonly string[];
  readonly data?: string;
  readonly request?: string;
  readonly preset?: string;
  readonly model?: string;
  readonly baseUrl?: string;
  readonly system?: string;
  readonly stream?: true;
  readonly parameters?: string;
  readonly limit?: readonly string[];
  readonly learn: boolean;
  readonly concurrency?: number;
  readonly attempts?: number;
  readonly timeout?: string;
  readonly maxFailures?: number;
  readonly idempotencyKey?: true;
  readonly retryFailed?: true;
  readonly order: "any" | "input";
  readonly table?: string;
  readonly sync?: string;
  readonly json?: true;
  readonly quiet?: true;
}

export const PRESETS = ["openai-chat", "openai-embeddings", "anthropic-messages"] as const;

/** Adds `tsyncio batch`; what it needs is loaded when it runs. */
export function addBatchCommand(program: Command): void {
  const command = program
    .command("batch")
    .description("Send a request for every line of a file, as fast as the API permits, and lose nothing.")
    .argument("<input>", "a .jsonl, .ndjson, .csv or .tsv file; - for stdin")
    .requiredOption("-o, --output <file>", "results: .jsonl or .ndjson; .db or .sqlite; what it has is not sent again")
    .option("-f, --format <format>", "of the input, when its name does not tell: jsonl, csv or tsv")
    .option("--id <field>", "the field that names an item (default: its line)");

  command.optionsGroup("The request:");
  command
    .option("-u, --url <template>", "where it goes: https://api.example/users/{{name}}")
    .option("-X, --method <method>", "default: POST with a body, GET without")
    .option("-H, --header <line>", 'may be repeated: "Authorization: Bearer {{$env.TOKEN}}"', append)
    .option("-d, --data <template>", "the body, JSON or text; @file reads it from there")
    .option("--request <module>", "a program whose default export makes the request: (value, { id, line }) => request")
    .addOption(new Option("-p, --preset <api>", "an API that is known, instead").choices(PRESETS))
    .option("-m, --model <name>", "of a preset")
    .option("--base-url <url>", "of a preset: another server that speaks as that API does")
    .option("--system <text>", "of a preset: the system prompt")
    .option("--stream", "of a preset: read answers as streams")
    .option("--parameters <json>", 'of a preset: for every request, such as {"temperature":0}');

  command.optionsGroup("The pace:");
  command
    .option("-l, --limit <limit>", "may be repeated: requests=600/1m, tokens=90000/1m", append)
    .option("--no-learn", "do not learn limits from the answers")
    .option("-c, --concurrency <number>", "requests in flight (default: found out)", wholeNumber)
    .option("--attempts <number>", "how often a request is sent at most (default: 6)", wholeNumber)
    .option("--timeout <duration>", 'of one attempt, such as "90s"')
    .option(
      "--max-failures <number>",
      "stop when so many in a row have failed; 0: never (default: 100)",
      wholeNumberOrZero,
    )
    .option("--idempotency-key", "send an Idempotency-Key, the same in every run");

  command.optionsGroup("The results:");
  command
    .option("--retry-failed", "send again what was recorded as failed")
    .addOption(new Option("--order <order>", "of the lines").choices(["any", "input"]).default("any"))
    .option("--table <name>", "of a database (default: results)")
    .option("--sync <when>", 'force results to the disk: "always", "never", or a duration (default: 1s)');

  command.optionsGroup("What is shown:");
  command
    .option("--json", "events as lines of JSON on stdout, for programs")
    .option("-q, --quiet", "nothing but errors")
    .helpOption("-h, --help", "show help")
    .addHelpText("after", EXAMPLES)
    .action(async (input: string, flags: BatchFlags) => {
      const { batchCommand } = await import("./batch-command.ts");
      await batchCommand(input, flags);
    });
}

const EXAMPLES = `
{{name}} is a field of the item, {{user.name}} one inside; {{$line}}, {{$id}}, {{$value}}
and {{$env.NAME}} are what they say. In a URL a field is encoded. A text of a JSON body
that is one place alone keeps its type: {"n": "{{n}}"}.

Every result is recorded as soon as it is there. The same command again, after Ctrl-C,
kill -9 or a power cut, sends only what has no result. Failures are results too: a
request that the API refuses for good is not sent again without --retry-failed. A line
of which no request can be made is reported, and has no result.

Ctrl-C waits for what is in flight; a second one does not.

Examples:
  $ tsyncio batch users.csv -o users.jsonl --url 'https://api.example/users/{{name}}'
  $ tsyncio batch questions.jsonl -o answers.jsonl -p openai-chat -m gpt-4.1-mini \\
      --limit requests=5000/1m --limit tokens=2000000/1m
  $ tsyncio batch docs.jsonl -o vectors.db -p openai-embeddings -m text-embedding-3-small
  $ tsyncio batch rows.jsonl -o out.jsonl --order input -X PUT \\
      --url 'https://api.example/rows/{{id}}' -d '{"score": "{{score}}"}'
  $ generate | tsyncio batch - -o out.jsonl --request make-request.ts --json

Exit codes:
  0    every line has its result, and none is a failure
  1    it cannot go on: the input, the output, or a fault of the program
  2    wrong usage
  3    over, but some requests have failed, or lines have faults
  4    stopped by itself: no credit, no connection, too many failures in a row
  5    another run writes the same output
  130  stopped by Ctrl-C (143: by SIGTERM); what was answered is recorded
`;
