/**
 * The phone belongs to one tab of a browser, by a Web Lock: the lock goes with the tab, also when it crashes.
 *
 *   asking ──free──▶ ours ──another tab takes over──▶ elsewhere
 *      └──held by another for 0.4 s──▶ elsewhere ──take over, or the other tab closes──▶ ours
 */
type Holder = "asking" | "ours" | "elsewhere";

/** A page that is being reloaded gives its lock back a moment after the new one asks. */
const PATIENCE_MS = 400;

export interface OneTab {
  readonly get: () => Holder;
  readonly subscribe: (listener: () => void) => () => void;
  /** Asks for the phone; the answer gives it back. */
  readonly open: () => () => void;
  readonly takeOver: () => void;
}

/** Asks for the lock `name`; `locks` is the browser's own but in tests. */
export function oneTab(name: string, locks: Pick<LockManager, "request"> = navigator.locks): OneTab {
  let holder: Holder = "asking";
  let letGo: () => void = () => undefined;
  let waiting: AbortController | null = null;
  let released = true;
  const listeners = new Set<() => void>();
  const become = (next: Holder): void => {
    if (holder === next || released) return;
    holder = next;
    for (const listener of [...listeners]) listener();
  };
  const keep = (): Promise<void> => {
    if (released) return Promise.resolve();
    become("ours");
    return new Promise((resolve) => {
      letGo = resolve;
    });
  };
  const queue = (): void => {
    waiting = new AbortController();
    const own = waiting;
    locks.request(name, { signal: own.signal }, keep).catch(() => {
      // aborted by our own taking over or release, or stolen by another tab: then wait for its end
      if (own.signal.aborted || released) return;
      become("elsewhere");
      queue();
    });
  };
  const open = (): (() => void) => {
    released = false;
    holder = "asking";
    queue();
    const impatient = setTimeout(() => {
      if (holder === "asking") become("elsewhere");
    }, PATIENCE_MS);
    return () => {
      released = true;
      clearTimeout(impatient);
      waiting?.abort();
      letGo();
    };
  };
  return {
    open,
    get: () => holder,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    takeOver: () => {
      waiting?.abort();
      locks.request(name, { steal: true }, keep).catch(() => {
        become("elsewhere");
        if (!released) queue();
      });
    },
  };
}
