/** Awaits the next item of an async iterator of any kind; undefined at its end. */
export function* nextItem<T>(iterator: AsyncIterator<T>): Generator<unknown, T | undefined, any> {
  const step = (yield iterator.next()) as IteratorResult<T>;
  return step.done === true ? undefined : step.value;
}

/** Closes an iterator before its end. */
export function* closeIterator(iterator: AsyncIterator<unknown>): Generator<unknown, void, any> {
  if (iterator.return !== undefined) yield iterator.return();
}
