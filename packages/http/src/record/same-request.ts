import { type RecordedRequest, bytesOf, headerOf } from "./recorded-exchange.ts";

const BOUNDARY = /^multipart\/.*;\s*boundary="?([^";]+)/i;

/** Whether method, URL and body are equal. What separates the parts of a multipart body is drawn anew each time, and may differ. */
export function sameRequest(a: RecordedRequest, b: RecordedRequest): boolean {
  return a.method === b.method && a.url === b.url && bodyOf(a) === bodyOf(b);
}

function bodyOf({ headers, body }: RecordedRequest): string | null {
  if (body === null) return null;
  const bytes = Buffer.from(bytesOf(body)).toString("latin1");
  const boundary = BOUNDARY.exec(headerOf(headers, "content-type") ?? "")?.[1];
  return boundary === undefined ? bytes : bytes.replaceAll(boundary, "boundary");
}
