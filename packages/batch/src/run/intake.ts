import { CancelledError, isAwaitable } from "tsyncio";
import { InputFault } from "../errors.ts";
import type { InputItem } from "../input/batch-input.ts";
import type { ItemId } from "../input/item-id.ts";
import { IdStates, RECORDED, SEEN } from "../journal/id-states.ts";
import type { BatchRequest } from "../request/batch-request.ts";
import type { BatchPlan } from "./batch-plan.ts";

/** An item whose id is known. */
interface NamedItem {
  readonly id: ItemId;
  /** Whether it has a result. */
  readonly recorded: boolean;
  readonly value: unknown;
}

/** Of an item whose id is its line: it is read when it is sent. */
const UNREAD: unique symbol = Symbol("unread");

/** Tells which items are to be sent, and makes their requests. */
export class Intake {
  readonly #plan: Pick<BatchPlan, "idOf" | "request">;
  readonly #ids: IdStates = new IdStates();

  constructor(plan: Pick<BatchPlan, "idOf" | "request">) {
    this.#plan = plan;
  }

  /** That id has a result. False when that was known. */
  recorded(id: ItemId): boolean {
    return (this.#ids.add(id, RECORDED) & RECORDED) === 0;
  }

  /** @throws {InputFault} for an item without an id, and for one whose id was there before. */
  name(item: InputItem): NamedItem {
    const { line } = item;
    const { idOf } = this.#plan;
    const value = idOf === null ? UNREAD : item.value();
    const id = idOf === null ? line : idOf(value, line);
    const before = this.#ids.add(id, SEEN);
    if ((before & SEEN) !== 0)
      throw new InputFault(`Cannot send line ${line}: an earlier line has the same id, ${JSON.stringify(id)}`);
    return { id, value, recorded: (before & RECORDED) !== 0 };
  }

  /** @throws {InputFault} when none can be made. */
  *request(item: InputItem, { id, value }: NamedItem): Generator<unknown, BatchRequest, any> {
    const { line } = item;
    const read = value === UNREAD ? item.value() : value;
    try {
      const made = this.#plan.request(read, { id, line });
      return isAwaitable(made) ? ((yield made) as BatchRequest) : made;
    } catch (error) {
      if (error instanceof CancelledError || error instanceof InputFault) throw error;
      const { message } = error as Error;
      throw new InputFault(`Cannot make a request of line ${line}: ${message}`, { cause: error });
    }
  }
}
