/**
 * What closing an iterator gives; to be awaited. A native generator that is in the middle of a step is told, and not waited for: it may
 * never get there.
 */
export function closing(iterator: AsyncIterator<unknown>, stepping: boolean): unknown {
  const closed: unknown = iterator.return?.();
  if (!stepping || !(closed instanceof Promise)) return closed;
  closed.catch(() => {});
  return undefined;
}
