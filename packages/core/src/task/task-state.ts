// What tasks keep in the bits of `state` above those of a future.

/** cancel() was called while nothing could be told: the next step throws. Withdrawn when uncancel() reaches 0. */
export const MUST_CANCEL = 8;
/** The wait was given up by cancel(): the queued step throws. */
export const WAIT_CANCELLED = 16;
/** Inside a cancelled scope: every wait is given up at once. */
export const SCOPE_CANCELLED = 32;
/** The task is handing a request on to the future that it awaits. */
export const HANDING_ON = 64;
/** Its first step is the call of a function without a generator. */
export const STARTS_TAIL = 128;
export const INTERRUPTED: number = MUST_CANCEL | WAIT_CANCELLED;
/** A queued step is more than resuming the frame. */
export const UNUSUAL: number = INTERRUPTED | STARTS_TAIL;
/** The number of cancel requests is kept above the flags. */
export const ONE_REQUEST = 256;
export const REQUESTS_SHIFT = 8;

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
