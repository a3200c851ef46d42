import { describe, expect, it } from "vitest";

import { readFrame, retryMs } from "./frames";

describe("the event line", () => {
  it("waits longer after each failure, up to ten seconds, and never all desks at once", () => {
    expect(retryMs(0, 0)).toBe(250);
    expect(retryMs(0, 1)).toBe(500);
    expect(retryMs(3, 1)).toBe(4_000);
    expect(retryMs(50, 1)).toBe(10_000);
  });

  it("reads a view with its number", () => {
    const frame = readFrame('{"seq":4,"type":"status","data":{"clock":{}}}');
    expect(frame).toMatchObject({ seq: 4, event: { type: "status" } });
  });

  it.each(["", "null", "[]", '{"seq":"4","type":"desk","data":{}}', '{"seq":4,"type":"news","data":{}}', '{"seq":4,"type":"desk"}'])(
    "passes over %j, which is no view that it knows",
    (text) => {
      expect(readFrame(text)).toBeNull();
    },
  );
});
