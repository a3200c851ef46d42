import { answer, api } from "../../api/client";
import type { Bytes } from "../../proof/bytes";

/** The keys of the installation that somebody is logged in to. */
export async function installationKeys(): Promise<Bytes> {
  return new Uint8Array(await answer(api.GET("/api/trust.json", { parseAs: "arrayBuffer" })));
}
