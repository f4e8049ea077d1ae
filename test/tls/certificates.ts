import { readFileSync } from "node:fs";

const read = (name: string): string => readFileSync(new URL(`${name}.pem`, import.meta.url), "utf8");

/** The authority that signed most of them. */
export const ca: string = read("ca");

/** A certificate and its key: see make-certificates.sh. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** Who somebody says that they are: localhost unless it is told otherwise. */
export function identity(name: "server" | "other" | "client" | "expired" | "self-signed" = "server"): Identity {
  return { cert: read(name), key: read(`${name}-key`) };
}
