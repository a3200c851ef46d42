import type { Bytes } from "../proof/bytes";
import { createStore, type Store } from "../ui/store";

import { decodeSound } from "./decode-sound";
import { IDLE, verificationAfter, type Trouble, type Verification, type VerificationEvent } from "./verification";

/** A verification in this browser: its state, and how to begin one. */
export interface Here extends Pick<Store<Verification, VerificationEvent>, "get" | "subscribe"> {
  readonly run: (fetchFile: () => Promise<Bytes>, fetchTrust: (() => Promise<Bytes>) | null) => Promise<void>;
}

class Stopped extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble.kind);
  }
}

async function had(fetch: () => Promise<Bytes>): Promise<Bytes> {
  try {
    return await fetch();
  } catch (error) {
    throw new Stopped({ kind: "asked", error });
  }
}

/** A place for one verification at a time; one that is begun while another runs takes its place. */
export function verifyHere(): Here {
  const store = createStore(verificationAfter, IDLE);
  let turn = 0;
  return {
    get: store.get,
    subscribe: store.subscribe,
    run: async (fetchFile, fetchTrust) => {
      turn += 1;
      const mine = turn;
      const send = (event: VerificationEvent): void => {
        if (mine === turn) store.send(event);
      };
      send({ type: "asked" });
      try {
        // the verifier and its curves are loaded by those who verify
        const [{ verifyFile }, bytes, trust] = await Promise.all([
          import("../proof/verify-file"),
          had(fetchFile),
          fetchTrust === null ? null : had(fetchTrust),
        ]);
        const began = performance.now();
        const report = await verifyFile(bytes, trust, decodeSound, {
          begins: (ids) => send({ type: "began", ids }),
          tick: (check) => send({ type: "ticked", check }),
          progress: (progress) => send({ type: "progressed", progress }),
        }).catch(() => {
          throw new Stopped({ kind: "keys" });
        });
        send({ type: "ended", report, tookMs: Math.round(performance.now() - began) });
      } catch (error) {
        send({ type: "failed", trouble: error instanceof Stopped ? error.trouble : { kind: "file" } });
      }
    },
  };
}
