import { expect, test } from "vitest";
import * as door from "@tsyncio/batch";

test("the package has a door", () => expect(door).toBeTypeOf("object"));
