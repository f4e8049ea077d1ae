import { named } from "./named.ts";

/** What picks members of an `ExceptionGroup`: a predicate or an error class. */
export type ErrorMatch = ((error: unknown) => boolean) | (abstract new (...args: never[]) => unknown);

function matcher(match: ErrorMatch): (error: unknown) => boolean {
  const isClass = typeof match === "function" && (match === Error || match.prototype instanceof Error);
  if (isClass) return (error) => error instanceof (match as unknown as new () => unknown);
  if (typeof match === "function") return match as (error: unknown) => boolean;
  throw new TypeError(`Cannot split ExceptionGroup: expected a predicate or an error class, received ${String(match)}`);
}

/**
 * Several errors that happened together, in the order in which they happened. Members may be groups themselves.
 *
 * @see https://peps.python.org/pep-0654/
 */
export class ExceptionGroup<E = any> extends AggregateError {
  readonly code: string = "TSYNCIO_EXCEPTION_GROUP";
  declare errors: E[];
  static {
    named(this, "ExceptionGroup");
  }

  /** @param message what happened; the number of members is appended. @throws {RangeError} when `errors` is empty. */
  constructor(message: string, errors: Iterable<E>, options?: ErrorOptions) {
    const members = [...errors];
    if (members.length === 0)
      throw new RangeError(`Cannot create ExceptionGroup "${message}": it needs at least one error`);
    super(members, `${message} (${members.length} sub-exception${members.length === 1 ? "" : "s"})`, options);
    Object.defineProperty(this, "title", { value: message, enumerable: false });
  }

  /** A group of the same kind with other members. Subclasses override it to keep their own fields. */
  derive(errors: readonly E[]): ExceptionGroup<E> {
    return new ExceptionGroup((this as unknown as { title: string }).title, errors, { cause: this.cause });
  }

  /** The members that match, nested groups kept, or null when none does. */
  subgroup(match: ErrorMatch): ExceptionGroup<E> | null {
    return this.split(match)[0];
  }

  /** The group in two: what matches and what does not; null for a part without members. */
  split(match: ErrorMatch): [match: ExceptionGroup<E> | null, rest: ExceptionGroup<E> | null] {
    const matches = matcher(match);
    if (matches(this)) return [this, null];
    const yes: E[] = [];
    const no: E[] = [];
    for (const error of this.errors) {
      if (error instanceof ExceptionGroup) {
        const [some, others] = error.split(match);
        if (some !== null) yes.push(some as E);
        if (others !== null) no.push(others as E);
      } else (matches(error) ? yes : no).push(error);
    }
    return [yes.length > 0 ? this.derive(yes) : null, no.length > 0 ? this.derive(no) : null];
  }
}

/**
 * Python's `except*`: hands the members of `error` that match to `handler` as a group, and throws what remains.
 * An error that is no group is treated as a group of one.
 *
 * @example
 * ```ts fragment
 * try { await taskGroup(body) } catch (e) { catchGroup(e, TimeoutError, (g) => console.log(g.errors.length)) }
 * ```
 */
export function catchGroup(error: unknown, match: ErrorMatch, handler: (group: ExceptionGroup) => void): void {
  const group = error instanceof ExceptionGroup ? error : new ExceptionGroup("caught", [error]);
  const [caught, rest] = group.split(match);
  if (caught === null) throw error;
  handler(caught);
  if (rest !== null) throw rest;
}
