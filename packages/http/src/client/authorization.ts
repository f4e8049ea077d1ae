import type { Auth } from "./options.ts";

/** The value of an `authorization` header. @throws {TypeError} for what is none. */
export function authorization(auth: Auth): string {
  if ("bearer" in auth && typeof auth.bearer === "string") return `Bearer ${auth.bearer}`;
  if ("username" in auth && typeof auth.username === "string" && typeof auth.password === "string")
    return basic(auth.username, auth.password);
  throw new TypeError("Cannot create HttpClient: auth must be { username, password } or { bearer }");
}

/** @see https://www.rfc-editor.org/rfc/rfc7617 */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
