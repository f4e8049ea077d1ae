import { digestOf, type Announcement } from "../site/catalogue.ts";
import type { Store } from "../store/store.ts";

/** What the site announces of a source against what the file holds. */
export interface Verdict {
  readonly source: string;
  readonly announced: number;
  readonly stored: number;
  /** The same count, and the same keys. */
  readonly same: boolean;
}

/** Compares every source by count, and by a digest of the keys: nothing lost, nothing doubled, nothing else. */
export function verify(announcements: readonly Announcement[], store: Store): Verdict[] {
  return announcements.map(({ name, records, digest }) => {
    const keys = store.keys(name);
    return {
      source: name,
      announced: records,
      stored: keys.length,
      same: keys.length === records && digestOf(keys) === digest,
    };
  });
}
