/** Parameters that are credentials. */
const SECRET =
  /^(?:api[-_]?key|key|(?:access|auth|id|refresh)[-_]?token|token|secret|client[-_]?secret|password|passwd|sig|signature)$/i;

/** A URL to be shown: without user, password, and the values of parameters that are credentials. */
export function shownUrl(url: URL | string): string {
  const text = typeof url === "string" ? url : url.href;
  if (!text.includes("@") && !text.includes("?")) return text;
  if (!URL.canParse(text)) return text.replace(/\/\/[^/@]*@/, "//");
  const shown = new URL(text);
  shown.username = "";
  shown.password = "";
  for (const name of new Set(shown.searchParams.keys())) if (SECRET.test(name)) shown.searchParams.set(name, "***");
  return shown.href;
}
