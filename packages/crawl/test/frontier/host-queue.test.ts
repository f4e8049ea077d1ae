import fc from "fast-check";
import { expect, test } from "vitest";
import { HostPace } from "../../src/frontier/host-pace.ts";
import { HostQueue } from "../../src/frontier/host-queue.ts";
import type { WaitingUrl } from "../../src/store/crawl-store.ts";

const page = (id: number, priority: number): WaitingUrl => ({
  id,
  priority,
  host: 1,
  url: `http://a.example/${id}`,
  depth: 0,
  parent: null,
  label: null,
  data: null,
  redirects: 0,
  chain: 0,
  attempts: 0,
});

const inOrder = (a: WaitingUrl, b: WaitingUrl) => b.priority - a.priority || a.id - b.id;

test("a host gives its pages by priority, then as they came, however many are only in the store", () => {
  const command = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ add: fc.integer({ min: 1, max: 200 }), priority: fc.integer({ min: -2, max: 2 }) }),
    },
    { weight: 2, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 150 }) }) },
    { weight: 1, arbitrary: fc.record({ retry: fc.boolean() }) },
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
      const stored = new Map<number, WaitingUrl>();
      const flight = new Map<number, WaitingUrl>();
      const load = (_: number, limit: number) => [...stored.values()].toSorted(inOrder).slice(0, limit);
      const queue = new HostQueue(1, "http://a.example", new HostPace({}), load, 0);
      const given: number[] = [];
      const wanted: number[] = [];
      let ids = 0;
      const add = (one: WaitingUrl) => {
        stored.set(one.id, one);
        queue.add(one);
      };
      for (const command of commands) {
        if ("add" in command) for (let i = 0; i < command.add; i++) add(page(++ids, command.priority));
        else if ("take" in command) {
          for (let i = 0; i < command.take && queue.waiting > 0; i++) {
            const expected = [...stored.values()].filter(({ id }) => !flight.has(id)).toSorted(inOrder)[0]!;
            given.push(queue.priority);
            wanted.push(expected.priority);
            const taken = queue.take();
            given.push(taken.id);
            wanted.push(expected.id);
            flight.set(taken.id, taken);
          }
        } else {
          for (const one of flight.values()) {
            stored.delete(one.id);
            if (command.retry) add({ ...one, priority: one.priority - 1 });
            queue.giveBack(one);
          }
          flight.clear();
        }
        expect(queue.waiting).toBe(stored.size - flight.size);
        expect(queue.inFlight).toBe(flight.size);
      }
      expect(given).toEqual(wanted);
    }),
    { numRuns: 60 },
  );
});
