import { useCallback, useSyncExternalStore } from "react";

import { productNowMs } from "./time";

const SECOND_MS = 1_000;

/** The product's time, followed in steps: to the second, or as coarsely as the page needs. */
export function useNow(stepMs: number = SECOND_MS): number {
  const everyStep = useCallback(
    (listener: () => void) => {
      const timer = setInterval(listener, stepMs);
      return () => clearInterval(timer);
    },
    [stepMs],
  );
  return useSyncExternalStore(everyStep, () => Math.floor(productNowMs() / stepMs) * stepMs);
}
