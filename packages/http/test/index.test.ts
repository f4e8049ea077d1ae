import { expect, test } from "vitest";
import * as door from "@tsyncio/http";

test("the package has a door", () => expect(door).toBeTypeOf("object"));
