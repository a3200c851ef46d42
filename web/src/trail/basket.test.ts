import { beforeEach, describe, expect, it, vi } from "vitest";

import { MemoryStorage } from "../testing/memory-storage";

beforeEach(() => {
  vi.stubGlobal("sessionStorage", new MemoryStorage());
  vi.resetModules();
});

async function fresh(): Promise<typeof import("./basket")> {
  return import("./basket");
}

describe("the basket", () => {
  it("holds each attempt once, in the order in which they were put", async () => {
    const { basketAfter } = await fresh();
    const put = basketAfter(["b"], { type: "put", attempts: ["a", "b", "a"] });
    expect(put).toEqual(["b", "a"]);
    expect(basketAfter(put, { type: "put", attempts: ["a"] })).toBe(put);
    expect(basketAfter(put, { type: "taken", attempts: ["b"] })).toEqual(["a"]);
    expect(basketAfter(put, { type: "emptied" })).toEqual([]);
  });

  it("takes no more than a dossier does", async () => {
    const { BASKET_MAX, basketAfter } = await fresh();
    const many = Array.from({ length: BASKET_MAX + 5 }, (_, at) => `attempt-${at}`);
    expect(basketAfter([], { type: "put", attempts: many })).toHaveLength(BASKET_MAX);
  });

  it("outlives a reload of the tab", async () => {
    const { basket } = await fresh();
    basket.send({ type: "put", attempts: ["a"] });
    vi.resetModules();
    expect((await fresh()).basket.get()).toEqual(["a"]);
  });

  it.each(["", "{", "null", "7", '["<script>"]', '[{"id":1}]'])("is empty where %s was stored", async (stored) => {
    expect((await fresh()).readBasket(stored)).toEqual([]);
  });
});
