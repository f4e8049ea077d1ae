// What tasks keep in the bits of `state` above those of a future.

/** cancel() was called while nothing could be told: the next step throws. Withdrawn when uncancel() reaches 0. */
export const MUST_CANCEL = 8;
/** The wait was given up by cancel(): the queued step throws. */
export const WAIT_CANCELLED = 16;
/** Inside a cancelled scope: every wait is given up at once. */
export const SCOPE_CANCELLED = 32;
/** The task is handing a request on to the future that it awaits. */
export const HANDING_ON = 64;
export const INTERRUPTED: number = MUST_CANCEL | WAIT_CANCELLED;
/** The number of cancel requests is kept above the flags. */
export const ONE_REQUEST = 128;
export const REQUESTS_SHIFT = 7;

/** What few tasks need. */
export class TaskDetail {
  readonly number: number;
  name: string | undefined = undefined;
  cancelMessage: unknown = undefined;
  /** The innermost cancel scope that the task is in. */
  scope: object | null = null;
  constructor(number: number) {
    this.number = number;
  }
}
