import { afterEach, expect, test } from "vitest";
import { newEventLoop } from "tsyncio";
import { program } from "../../program.ts";

const given = process.env["TSYNCIO_DEBUG"];
afterEach(() => {
  if (given === undefined) delete process.env["TSYNCIO_DEBUG"];
  else process.env["TSYNCIO_DEBUG"] = given;
});

test("test_tasks.py::GatherTestsBase.test_env_var_debug: TSYNCIO_DEBUG puts new loops in debug mode unless it is empty, and the debug option of a run is stronger", async () => {
  "native async";
  const debugOfNewLoop = (): boolean => {
    const loop = newEventLoop();
    const debug = loop.getDebug();
    loop.close();
    return debug;
  };
  delete process.env["TSYNCIO_DEBUG"];
  const withoutVariable = debugOfNewLoop();
  const byValue = ["", "1", "0"].map((value) => {
    process.env["TSYNCIO_DEBUG"] = value;
    return debugOfNewLoop();
  });
  expect([withoutVariable, byValue]).toEqual([false, [false, true, false]]);

  process.env["TSYNCIO_DEBUG"] = "1";
  await program(async ({ loop }) => expect(loop.getDebug()).toBe(false), { debug: false });
  process.env["TSYNCIO_DEBUG"] = "";
  await program(async ({ loop }) => expect(loop.getDebug()).toBe(true), { debug: true });
});
