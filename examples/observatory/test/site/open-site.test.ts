import { expect, test } from "vitest";
import { openSite } from "../../src/site/open-site.ts";

test("The site runs in a process of its own, which ends when it is closed.", async () => {
  const site = await openSite({ seed: "test", records: 5 }, new AbortController().signal);
  const { status } = await fetch(`${site.origin}/api/v1`);
  await site[Symbol.asyncDispose]();
  expect(status).toBe(200);
  await expect(fetch(`${site.origin}/api/v1`)).rejects.toThrow("fetch failed");
});

test("An abort while it starts leaves no process behind.", async () => {
  const controller = new AbortController();
  const opening = openSite({ seed: "test", records: 5 }, controller.signal);
  controller.abort();
  await expect(opening).rejects.toMatchObject({ name: "AbortError" });
});
