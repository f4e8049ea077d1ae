import { expect, test } from "vitest";
import * as door from "@tsyncio/crawl";

test("the package has a door", () => expect(door).toBeTypeOf("object"));
