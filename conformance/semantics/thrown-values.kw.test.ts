import { ExceptionGroup, createTask, gather, newEventLoop, run, shield, sleep, taskGroup, waitFor } from "tsyncio";
import { expect, test } from "vitest";
import { VirtualHost } from "../../test/virtual-host.ts";
import { program } from "../program.ts";
import { thrownBy } from "../thrown-by.ts";
import { giveWay } from "./iterations.ts";

/** JavaScript throws anything, where Python throws exceptions only. */
const values = [undefined, null, "text", 5, Symbol("thrown")];

test.each(values)("a task may throw %s: who awaits it gets that, however it is awaited", (value) =>
  program(async () => {
    const throwing = async (): Promise<never> => {
      await sleep(0);
      throw value;
    };
    const task = createTask(throwing());
    await sleep(1);
    expect([task.done(), task.cancelled(), task.exception()]).toEqual([true, false, value]);
    const errors = [
      await thrownBy(task),
      await thrownBy(gather(throwing(), sleep(0))),
      await thrownBy(shield(throwing())),
      await thrownBy(waitFor(throwing(), 5)),
      await thrownBy(Promise.reject(value)),
    ];
    expect(errors).toEqual([value, value, value, value, value]);
    expect(await gather([throwing(), sleep(0, "result")], { returnExceptions: true })).toEqual([value, "result"]);
  }),
);

test.each(values)("a task group fails when a task of it throws %s, and start() throws that", (value) =>
  program(async () => {
    const throwing = async (): Promise<never> => {
      await sleep(0);
      throw value;
    };
    const group = await thrownBy(
      taskGroup(async (tg) => {
        tg.createTask(throwing());
        await sleep(10_000);
      }),
    );
    expect(group).toBeInstanceOf(ExceptionGroup);
    expect((group as ExceptionGroup).errors).toEqual([value]);
    await taskGroup(async (tg) => {
      expect(await thrownBy(tg.start(throwing))).toBe(value);
    });
  }),
);

test.each(values)(
  "a task that throws %s and that nobody reads is reported at the end, as one that throws it while it is cancelled",
  async (value) => {
    const heard: unknown[] = [];
    const throwing = async (): Promise<never> => {
      throw value;
    };
    const throwingWhenCancelled = async (): Promise<void> => {
      await thrownBy(sleep(10_000));
      throw value;
    };
    const unread: unknown[] = [];
    const main = async (): Promise<void> => {
      unread.push(createTask(throwing()));
      createTask(throwingWhenCancelled());
      await giveWay(2);
    };
    const loop = newEventLoop({ host: new VirtualHost() });
    loop.setExceptionHandler((_, { message, exception }) => void heard.push([message, exception]));
    await run(main(), { loopFactory: () => loop });
    expect(heard).toEqual([
      ["unhandled exception during run() shutdown", value],
      ["Task exception was never retrieved", value],
    ]);
  },
);
