import { getRunningLoop } from "tsyncio";

/** The time of the running loop, ms; null where none runs. */
export function loopTime(): number | null {
  try {
    return getRunningLoop().time();
  } catch {
    return null;
  }
}
