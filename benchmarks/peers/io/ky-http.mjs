import ky from "ky";
import { workers } from "../../io/http/workers.mjs";

export const connect = (origin) => workers(async () => (await ky(`${origin}/`).arrayBuffer()).byteLength);
