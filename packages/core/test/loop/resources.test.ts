import { newEventLoop } from "tsyncio";
import { expect, test, vi } from "vitest";

test("closing a loop lets go of what is still open on it, in the order in which it was opened, once", () => {
  const log: string[] = [];
  const loop = newEventLoop();
  const opened = ["a", "b", "c"].map((name) => ({
    loopClosed() {
      log.push(`${name} ${loop.isClosed()} ${loop.resources.size}`);
    },
  }));
  for (const resource of opened) loop.resources.add(resource);
  loop.resources.delete(opened[1]);
  loop.close();
  loop.close();
  expect(log).toEqual(["a true 0", "c true 0"]);
});

test("one that fails to let go is printed, and the others hear of the end all the same", () => {
  const printed = vi.spyOn(console, "error").mockImplementation(() => {});
  const error = new RangeError("stuck");
  const log: string[] = [];
  const loop = newEventLoop();
  loop.resources.add({
    loopClosed() {
      throw error;
    },
  });
  loop.resources.add({ loopClosed: () => void log.push("let go") });
  loop.close();
  expect(log).toEqual(["let go"]);
  expect(printed.mock.calls).toEqual([["tsyncio: a resource of a closed loop failed to let go", error]]);
});
