import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { oneTab } from "./one-tab";

/** Web Locks as the specification describes them, for one name: a queue, and stealing that rejects the holder. */
class OneLock {
  private held: { readonly reject: (reason: Error) => void } | null = null;
  private readonly queue: (() => void)[] = [];

  readonly request = ((
    _name: string,
    options: LockOptions,
    work: (lock: Lock | null) => Promise<unknown>,
  ): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const run = (): void => {
        const holding = { reject };
        this.held = holding;
        void work({ name: "phone", mode: "exclusive" }).then((value) => {
          resolve(value);
          if (this.held !== holding) return;
          this.held = null;
          this.queue.shift()?.();
        });
      };
      if (options.steal === true) {
        this.held?.reject(new Error("stolen"));
        run();
        return;
      }
      options.signal?.addEventListener("abort", () => {
        const place = this.queue.indexOf(run);
        if (place >= 0) this.queue.splice(place, 1);
        reject(new Error("aborted"));
      });
      if (this.held === null) run();
      else this.queue.push(run);
    })) as LockManager["request"];
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
}

describe("the phone of one browser", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("belongs to the first tab, and the second one says so", async () => {
    const locks = new OneLock();
    const [first, second] = [oneTab("phone", locks), oneTab("phone", locks)];
    first.open();
    second.open();
    await settle();
    vi.advanceTimersByTime(1_000);
    expect(first.get()).toBe("ours");
    expect(second.get()).toBe("elsewhere");
  });

  it("is taken over on purpose, and comes back when that tab closes", async () => {
    const locks = new OneLock();
    const [first, second] = [oneTab("phone", locks), oneTab("phone", locks)];
    first.open();
    const closeSecond = second.open();
    await settle();
    second.takeOver();
    await settle();
    expect(second.get()).toBe("ours");
    expect(first.get()).toBe("elsewhere");
    closeSecond();
    await settle();
    expect(first.get()).toBe("ours");
  });

  it("is given back at once when its tab is left", async () => {
    const locks = new OneLock();
    const [first, second] = [oneTab("phone", locks), oneTab("phone", locks)];
    const leave = first.open();
    await settle();
    leave();
    second.open();
    await settle();
    expect(second.get()).toBe("ours");
  });
});
