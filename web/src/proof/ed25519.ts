import { ed25519 as noble } from "@noble/curves/ed25519.js";

import type { Bytes } from "./bytes";

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** Whether an Ed25519 signature (RFC 8032) holds. */
export type Verifies = (key: Bytes, signature: Bytes, message: Bytes) => Promise<boolean>;

/** By the browser's own cryptography. */
export const byBrowser: Verifies = async (key, signature, message) => {
  try {
    const held = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, held, signature, message);
  } catch {
    return false; // no point of the curve
  }
};

/** By a library, for browsers that don't have it. */
export const byLibrary: Verifies = async (key, signature, message) => {
  try {
    return await Promise.resolve(noble.verify(signature, message, key, { zip215: false }));
  } catch {
    return false;
  }
};

let chosen: Promise<Verifies> | null = null;

async function choose(): Promise<Verifies> {
  try {
    // the base point is a key that every implementation takes
    const point = noble.Point.BASE.toBytes() as Bytes;
    await crypto.subtle.importKey("raw", point, { name: "Ed25519" }, false, ["verify"]);
    return byBrowser;
  } catch {
    return byLibrary;
  }
}

/** Whether an Ed25519 signature holds: by the browser where it can, else by a library. */
export async function signatureHolds(key: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
  if (key.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  chosen ??= choose();
  return (await chosen)(key, signature, message);
}
