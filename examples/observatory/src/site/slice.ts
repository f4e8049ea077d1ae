/** One page of a list. */
export interface Slice<T> {
  readonly items: readonly T[];
  readonly page: number;
  readonly pages: number;
  readonly total: number;
}

/** The page with this number, from 1; undefined when there is none. An empty list has one page. */
export function slice<T>(list: readonly T[], page: number, size: number): Slice<T> | undefined {
  const pages = Math.max(1, Math.ceil(list.length / size));
  if (!Number.isInteger(page) || page < 1 || page > pages) return undefined;
  return { items: list.slice((page - 1) * size, page * size), page, pages, total: list.length };
}
