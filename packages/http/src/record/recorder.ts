import type { Coroutine } from "tsyncio";
import type { HttpTransport, WireRequest, WireResponse, WireStatistics } from "../wire/transport.ts";
import { UndiciTransport } from "../wire/undici-transport.ts";
import type { RecordedRequest } from "./recorded-exchange.ts";
import { RecordingFile, pathOf, readRecording } from "./recording-file.ts";
import { RecordingTransport } from "./recording-transport.ts";
import { type RedactOptions, Redaction } from "./redaction.ts";
import { ReplayingTransport, type RequestMatch } from "./replaying-transport.ts";
import { sameRequest } from "./same-request.ts";

/** Options of `Recorder.record`. */
export interface RecordOptions {
  /**
   * What carries the requests, and is closed with the recorder; one with a proxy, say. Default: an `UndiciTransport` as it is by
   * itself.
   */
  readonly transport?: HttpTransport;
  /** Whether what the file has already stays. Default: false. */
  readonly append?: boolean;
  /** What else is kept out of the file; false: everything is written as it is. */
  readonly redact?: RedactOptions | false;
}

/** Options of `Recorder.replay`. */
export interface ReplayOptions {
  /** Whether a request is the one that was recorded. Default: when method, URL and body are equal. */
  readonly match?: RequestMatch;
  /** Whether answers take as long as they did, or no time. Default: `"recorded"`. */
  readonly times?: "recorded" | "none";
  /** What was given to `record`, if anything. */
  readonly redact?: RedactOptions;
}

/**
 * A transport for tests: it records what comes of real requests in a file, and answers the same requests from there later on,
 * without a network.
 *
 * The file has a line of JSON for each exchange, written when it has ended: the answer with the parts of its body and their
 * times, or the error. Credentials become `***`: the headers that carry them, the values of cookies, parameters of the URL,
 * and tokens and passwords in JSON and forms. Answers are asked for without encoding (`accept-encoding: identity`), so that they
 * can be read and compared.
 *
 * Replaying, each exchange answers once, in the order of the requests, as late as it did: by a sleep on the loop, which takes no
 * time on a loop whose time is virtual. Several tasks may ask at once.
 *
 * @example
 * ```ts fragment
 * const recorder = process.env.RECORD ? Recorder.record("api.jsonl") : Recorder.replay("api.jsonl");
 * await using client = new HttpClient({ transport: recorder });
 * ```
 */
export class Recorder implements HttpTransport {
  readonly #transport: RecordingTransport | ReplayingTransport;

  private constructor(transport: RecordingTransport | ReplayingTransport) {
    this.#transport = transport;
  }

  /**
   * Records to `file`. It is closed with the client.
   *
   * @throws {TypeError} for what is no path and no file URL.
   * @throws Node's error when the file cannot be written.
   */
  static record(file: string | URL, options: RecordOptions = {}): Recorder {
    const { append = false, redact = {} } = options;
    const redaction = redact === false ? null : new Redaction(redact);
    const recording = new RecordingFile(pathOf(file), append);
    return new Recorder(new RecordingTransport(recording, options.transport ?? new UndiciTransport(), redaction));
  }

  /**
   * Answers from `file`, which is read at once. A last line that is torn is left out.
   *
   * What was not recorded is a `NotRecordedError`, as is to wait longer, or to read more, than it was done then.
   *
   * @throws {TypeError} for what is no path and no file URL.
   * @throws {RuntimeError} for a file that is no recording.
   * @throws Node's error when it cannot be read.
   */
  static replay(file: string | URL, options: ReplayOptions = {}): Recorder {
    const { match = sameRequest, times = "recorded", redact = {} } = options;
    if (times !== "recorded" && times !== "none")
      throw new TypeError(`Cannot replay: times must be "recorded" or "none", received ${String(times)}`);
    const path = pathOf(file);
    const exchanges = readRecording(path);
    return new Recorder(new ReplayingTransport(path, exchanges, new Redaction(redact), match, times === "recorded"));
  }

  /** The requests that nobody has made, when it replays. */
  get unused(): readonly RecordedRequest[] {
    return this.#transport instanceof ReplayingTransport ? this.#transport.unused : [];
  }

  /**
   * **When cancelled**: recording, the request is closed on the wire, and it is written down that nobody waited longer.
   *
   * @throws {HttpError} what the transport throws, or what was recorded of it.
   * @throws {NotRecordedError} for what is not in the recording, or not there any more.
   */
  exchange(request: WireRequest): Coroutine<WireResponse> {
    return this.#transport.exchange(request);
  }

  /** Recording, closes the transport below and the file. What is left of `unused` stays as it is. */
  close(): Coroutine<void> {
    return this.#transport.close();
  }

  abort(): void {
    this.#transport.abort();
  }

  statistics(origin: string): WireStatistics | null {
    return this.#transport.statistics(origin);
  }

  origins(): readonly string[] {
    return this.#transport.origins();
  }
}
