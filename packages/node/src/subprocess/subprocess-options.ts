import type { Stream } from "node:stream";

/**
 * Where a standard stream of a child leads: a pipe to here, where that of this process leads, nowhere, or to what is given: a
 * descriptor, or a stream that has one.
 */
export type Stdio = "pipe" | "inherit" | "ignore" | number | Stream;

/** Options of every way to start a child process. */
export interface SubprocessOptions {
  readonly stdin?: Stdio;
  readonly stdout?: Stdio;
  /** "stdout": where stdout leads, in the order in which the child writes. */
  readonly stderr?: Stdio | "stdout";
  /** The working directory. Default: that of this process. */
  readonly cwd?: string | URL;
  /** The environment. Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /**
   * Whether the child gets a session and a process group of its own, out of reach of Ctrl-C. It may then outlive this process.
   */
  readonly detached?: boolean;
  /** What the child is told its own name is. Default: the program. */
  readonly argv0?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** On Windows: no console window. */
  readonly windowsHide?: boolean;
}

/** Options for a command of the shell. */
export interface ShellOptions extends SubprocessOptions {
  /** The program that is the shell. Default: /bin/sh; on Windows `process.env.ComSpec`. */
  readonly shell?: string;
}
