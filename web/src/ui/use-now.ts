import { useSyncExternalStore } from "react";

import { productNowMs } from "./time";

const TICK_MS = 1_000;

function everyTick(listener: () => void): () => void {
  const timer = setInterval(listener, TICK_MS);
  return () => clearInterval(timer);
}

/** The product's time, followed to the second. */
export function useNow(): number {
  return useSyncExternalStore(everyTick, () => Math.floor(productNowMs() / TICK_MS) * TICK_MS);
}
