/** A server that counts what comes and refuses what is too much. Times are milliseconds. */
export interface CountingServer {
  /** Whether it lets so much in at this time. */
  accepts(amount: number, now: number): boolean;
}

/** Counts anew at each multiple of `per`, some time after 0. */
export function fixedWindows(limit: number, per: number, phase: number): CountingServer {
  let window = -Infinity;
  let used = 0;
  return {
    accepts(amount, now) {
      const current = Math.floor((now + phase) / per);
      if (current !== window) [window, used] = [current, 0];
      if (used + amount > limit) return false;
      used += amount;
      return true;
    },
  };
}

/** Looks back over the last `per` from any time. */
export function slidingWindow(limit: number, per: number): CountingServer {
  const log: { at: number; amount: number }[] = [];
  let used = 0;
  return {
    accepts(amount, now) {
      while (log.length > 0 && log[0].at <= now - per) used -= log.shift()!.amount;
      if (used + amount > limit) return false;
      log.push({ at: now, amount });
      used += amount;
      return true;
    },
  };
}

/** A bucket that holds `size`, into which `limit` flow in each `per`. */
export function tokenBucket(limit: number, per: number, size: number): CountingServer {
  let level = size;
  let last = 0;
  return {
    accepts(amount, now) {
      level = Math.min(size, level + ((now - last) * limit) / per);
      last = now;
      if (level < amount) return false;
      level -= amount;
      return true;
    },
  };
}
