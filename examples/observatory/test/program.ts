import { type Ended, type Started, startProgram } from "../../../test/started-program.ts";

const main = new URL("../src/main.ts", import.meta.url);

/** Starts the observatory as `npm start` does, and follows what it prints. */
export const start = (args: readonly string[]): Started => startProgram(main, args);

/** Runs the observatory to its end. */
export const observatory = (args: readonly string[]): Promise<Ended> => start(args).ended;
