import type { Job } from "./collect/job.ts";
import { count, counted } from "./report/figures.ts";
import type { Store } from "./store/store.ts";

const EDITION = "edition";
/** The note that a store has once everything is in it. */
export const FINISHED = "finished";

/**
 * Prepares a store for collecting an edition of a site: an unfinished collection goes on, every other begins anew from
 * the jobs in `starts`. `forgetBeside` removes what is kept outside of the store: it goes first, so that nothing can call done
 * what the store has forgotten. Says in a few words which.
 */
export function beginOrGoOn(
  store: Store,
  edition: string,
  starts: readonly Job[],
  { fresh, forgetBeside }: { readonly fresh: boolean; readonly forgetBeside: () => void },
): string {
  const done = store.doneJobs().length;
  const reason = reasonToForget(store, edition, fresh);
  if (done === 0 || reason !== undefined) {
    forgetBeside();
    store.forget();
  }
  store.setNote(EDITION, edition);
  store.setNote(FINISHED, "no");
  store.addJobs(starts);
  if (done === 0) return "new";
  if (reason !== undefined) return `${reason}; begins anew`;
  return `goes on after ${counted(done, "job")}, ${count(store.openJobs().length)} known to be left`;
}

function reasonToForget(store: Store, edition: string, fresh: boolean): string | undefined {
  if (fresh) return "--fresh";
  if (store.note(EDITION) !== edition) return "of another edition of the site";
  if (store.note(FINISHED) === "yes") return "a finished collection";
  return undefined;
}
