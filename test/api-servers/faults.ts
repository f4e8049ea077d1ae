/**
 * What goes wrong with an answer:
 *
 * | | |
 * |---|---|
 * | a status | the error that the API sends with it: 500, 502, 503, 504, 529, 429 |
 * | `"quota"` | 429 that no waiting helps against: the account has no money |
 * | `"reset"` | the connection is destroyed before an answer |
 * | `"cut"` | the connection is destroyed in the middle of the body |
 * | `"end"` | the body ends early, but properly: a stream without its last events, JSON that is none |
 * | `"error-event"` | a stream says in the middle that it is overloaded, and ends |
 * | `"html"` | 200 with a page of HTML, as from a proxy |
 * | `"stall"` | nothing comes, and nothing is closed |
 * | `{ slow }` | the right answer, so many milliseconds late |
 */
export type Fault =
  | 429
  | 500
  | 502
  | 503
  | 504
  | 529
  | "quota"
  | "reset"
  | "cut"
  | "end"
  | "error-event"
  | "html"
  | "stall"
  | { readonly slow: number };

/** Which requests go wrong. Everything in it can be written as JSON. */
export interface FaultPlan {
  /** By id: the faults of its first attempts, one after the other; null for one that goes well. */
  readonly script?: Readonly<Record<string, readonly (Fault | null)[]>>;
  /** Of the requests that the script does not name: how many go wrong so, from 0 to 1, together at most 1. */
  readonly chances?: readonly (readonly [fault: Fault, chance: number])[];
  /** From this attempt of an id on chance leaves it alone. Default: never. */
  readonly chancesUntilAttempt?: number;
  /** For the chances. Default: 1. */
  readonly seed?: number;
}

/** Draws what goes wrong. The same plan and the same attempt of an id always give the same. */
export class Faults {
  readonly #plan: FaultPlan;

  constructor(plan: FaultPlan) {
    this.#plan = plan;
  }

  /** Of attempt `attempt`, from 1; null: nothing. */
  of(id: string, attempt: number): Fault | null {
    const { script = {}, chances = [], chancesUntilAttempt = Infinity, seed = 1 } = this.#plan;
    const scripted = Object.hasOwn(script, id) ? script[id] : undefined;
    if (scripted !== undefined) return scripted[attempt - 1] ?? null;
    if (attempt >= chancesUntilAttempt) return null;
    let drawn = fraction(`${seed} ${attempt} ${id}`);
    for (const [fault, chance] of chances) if ((drawn -= chance) < 0) return fault;
    return null;
  }
}

/** A number from 0 to 1 that looks random, the same for the same text: FNV-1a, stirred. */
export function fraction(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
