/** What `statistics()` of an executor tells. */
export interface PoolStatistics {
  /** Workers that there are, those that start or end among them. */
  readonly workers: number;
  /** Workers without a job. */
  readonly idle: number;
  /** Jobs that wait for a worker. */
  readonly queued: number;
  /** Jobs with a worker: running, or next. */
  readonly running: number;
  /** Jobs that gave a result or an error of their own. */
  readonly completed: number;
  /** Workers that ended by themselves or were ended for a job that did not stop. */
  readonly broken: number;
}
