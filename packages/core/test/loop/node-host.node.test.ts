import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { type NodeProcess, nodeHost } from "../../src/loop/node-host.ts";

/** What the host uses of `process`. */
function fakeProcess(): EventEmitter & NodeProcess & { readonly exits: number[] } {
  const exits: number[] = [];
  const exit = (code?: number): never => void exits.push(code ?? 0) as never;
  return Object.assign(new EventEmitter(), { versions: {}, exit, exits });
}

describe("the host of Node", () => {
  test("hears SIGINT and SIGTERM as long as it is asked to", () => {
    const process = fakeProcess();
    const host = nodeHost(process, setImmediate);
    const heard: string[] = [];
    const stop = host.onInterrupt!((signal) => void heard.push(signal));
    process.emit("SIGINT");
    process.emit("SIGTERM");
    stop();
    process.emit("SIGINT");
    expect(heard).toEqual(["SIGINT", "SIGTERM"]);
    expect([process.listenerCount("SIGINT"), process.listenerCount("SIGTERM")]).toEqual([0, 0]);
  });

  test("leaves a signal to a program that listens to it itself", () => {
    const process = fakeProcess();
    const host = nodeHost(process, setImmediate);
    process.on("SIGINT", () => {});
    const heard: string[] = [];
    const stop = host.onInterrupt!((signal) => void heard.push(signal));
    process.emit("SIGINT");
    process.emit("SIGTERM");
    expect(heard).toEqual(["SIGTERM"]);
    stop();
    expect(process.listenerCount("SIGINT")).toBe(1);
  });

  test("has one listener of the process for any number of loops", () => {
    const process = fakeProcess();
    const host = nodeHost(process, setImmediate);
    const heard: number[] = [];
    const ends = [1, 2, 3].map((n) => host.onInterrupt!(() => void heard.push(n)));
    const holds = [1, 2, 3].map((n) => host.hold(() => void heard.push(n)));
    expect([process.listenerCount("SIGINT"), process.listenerCount("beforeExit")]).toEqual([1, 1]);
    process.emit("SIGINT");
    process.emit("beforeExit");
    expect(heard).toEqual([1, 2, 3, 3, 2, 1]);
    for (const end of [...ends, ...holds, ...ends]) end();
    expect([process.listenerCount("SIGINT"), process.listenerCount("beforeExit")]).toEqual([0, 0]);
  });

  test("tells one loop at a time that nothing is left, the newest first, and looks again", () => {
    const process = fakeProcess();
    const looks: (() => void)[] = [];
    const host = nodeHost(process, (look) => looks.push(look));
    const heard: string[] = [];
    host.hold(() => void heard.push("first"));
    const end = host.hold(() => (heard.push("second"), end()));
    host.hold(() => void heard.push("third"));
    process.emit("beforeExit");
    expect([heard, looks.length]).toEqual([["third", "second"], 1]);
    process.emit("beforeExit");
    expect([heard, looks.length]).toEqual([["third", "second", "third", "first"], 1]);
  });

  test("ends the process with the code of the signal", () => {
    const process = fakeProcess();
    const host = nodeHost(process, setImmediate);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) host.exit!(signal);
    expect(process.exits).toEqual([130, 143, 1]);
  });
});
