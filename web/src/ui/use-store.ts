import { useSyncExternalStore } from "react";

/** The value of a source outside React, followed. */
export function useFollowed<State>(source: {
  readonly get: () => State;
  readonly subscribe: (listener: () => void) => () => void;
}): State {
  return useSyncExternalStore(source.subscribe, source.get);
}
