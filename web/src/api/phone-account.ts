import type { PhoneAccount } from "../phone/softphone";

import type { PhoneView } from "./models";

/** What the phone needs, out of the server's answer. */
export function phoneAccountOf({ uri, user, password, ws_path, ice_servers }: PhoneView): PhoneAccount {
  const iceServers = ice_servers.map(({ urls, username, credential }) => ({
    urls: [...urls],
    ...(username === null ? {} : { username }),
    ...(credential === null ? {} : { credential }),
  }));
  return { uri, user, password, wsPath: ws_path, iceServers };
}
