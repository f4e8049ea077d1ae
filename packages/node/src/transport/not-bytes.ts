/** The error of a method that wants bytes and was given something else. */
export function notBytes(what: string, data: unknown): TypeError {
  const given = data === null ? "null" : typeof data === "object" ? Object.prototype.toString.call(data) : typeof data;
  return new TypeError(
    `Cannot ${what}: data must be a Uint8Array, received ${given}; encode text with Buffer.from(text)`,
  );
}
