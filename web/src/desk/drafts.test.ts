import { beforeEach, describe, expect, it } from "vitest";

import { MemoryStorage } from "../testing/memory-storage";

import { keepDraft, restoreDraft } from "./drafts";

const DRAFT = { attemptId: "attempt-1", note: "发票抬头" };

describe("notes kept over a refresh", () => {
  let storage: MemoryStorage;
  beforeEach(() => {
    storage = new MemoryStorage();
  });

  it("come back in the same call", () => {
    keepDraft(DRAFT, storage);
    expect(restoreDraft("attempt-1", storage)).toEqual(DRAFT);
  });

  it("don't come back in another call", () => {
    keepDraft(DRAFT, storage);
    expect(restoreDraft("attempt-2", storage)).toBeNull();
  });

  it("are gone when there is no call", () => {
    keepDraft(DRAFT, storage);
    keepDraft(null, storage);
    expect(storage.length).toBe(0);
  });

  it("are ignored when the storage holds something else", () => {
    storage.setItem("dialer.draft", "{not json");
    expect(restoreDraft("attempt-1", storage)).toBeNull();
    storage.setItem("dialer.draft", JSON.stringify({ attemptId: "attempt-1", note: 7 }));
    expect(restoreDraft("attempt-1", storage)).toBeNull();
  });
});
