/** 12345 as "12,345". */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** 1234.567 as "1,234.57". */
export function decimal(value: number): string {
  return value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** Milliseconds as "310 ms", "8.9 s", "14 min" or "3.2 h". */
export function time(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1_000;
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  const minutes = seconds / 60;
  if (minutes < 99.5) return `${minutes.toFixed(minutes < 9.95 ? 1 : 0)} min`;
  return `${(minutes / 60).toFixed(1)} h`;
}

/** Bytes as "512 B", "4.1 kB" or "3.2 MB". */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** "1 job", "2 jobs". */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}
