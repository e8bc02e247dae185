import { expectTypeOf, test } from "vitest";
import type { ConnectOptions } from "../../sdk/index.ts";

test("the runtime's own WebSocket is one that can be passed", () => {
  expectTypeOf<typeof WebSocket>().toExtend<NonNullable<ConnectOptions["WebSocket"]>>();
});
