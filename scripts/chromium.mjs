import { existsSync } from "node:fs";

const PLACES = [process.env["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The Chromium of this machine, or undefined; the environment variable CHROMIUM names another one. */
export function findChromium() {
  return PLACES.find((path) => path && existsSync(path));
}
