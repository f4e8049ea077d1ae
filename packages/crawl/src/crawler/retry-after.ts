import type { HttpHeaders } from "@tsyncio/http";

/** What `Retry-After` asks for, in milliseconds from now: seconds or a date. Null without one that can be read. */
export function retryAfter(headers: HttpHeaders): number | null {
  const value = headers.get("retry-after")?.trim();
  if (value === undefined || value === "") return null;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}
