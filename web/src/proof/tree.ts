import { joined, same, type Bytes } from "./bytes";
import { sha256 } from "./crypto";

const LEAF = new Uint8Array([0x00]);
const NODE = new Uint8Array([0x01]);

/** RFC 6962: the hash of a leaf. */
export function leafHash(body: Bytes): Promise<Bytes> {
  return sha256(joined(LEAF, body));
}

/** RFC 6962: the hash of an inner node; the DNC tree has the same. */
export function nodeHash(left: Bytes, right: Bytes): Promise<Bytes> {
  return sha256(joined(NODE, left, right));
}

function half(n: number): number {
  return Math.floor(n / 2);
}

function isOdd(n: number): boolean {
  return n % 2 === 1;
}

/** The root that an inclusion proof leads to, by the loop of RFC 9162 section 2.1.3.2; null for a proof of the wrong length. */
export async function rootByInclusion(leaf: Bytes, seq: number, size: number, path: readonly Bytes[]): Promise<Bytes | null> {
  if (seq < 0 || seq >= size) return null;
  let [fn, sn, running] = [seq, size - 1, leaf];
  for (const step of path) {
    if (sn === 0) return null;
    if (isOdd(fn) || fn === sn) {
      running = await nodeHash(step, running);
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      running = await nodeHash(running, step);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 ? running : null;
}

/** Whether the tree of `newSize` only appends to that of `oldSize`, by the loop of RFC 9162 section 2.1.4.2. */
export async function isConsistent(
  oldSize: number,
  oldRoot: Bytes,
  newSize: number,
  newRoot: Bytes,
  path: readonly Bytes[],
): Promise<boolean> {
  if (oldSize > newSize) return false;
  if (oldSize === newSize) return path.length === 0 && same(oldRoot, newRoot);
  if (oldSize === 0) return path.length === 0 && same(oldRoot, await sha256(new Uint8Array()));
  let [fn, sn] = [oldSize - 1, newSize - 1];
  while (isOdd(fn)) [fn, sn] = [half(fn), half(sn)];
  // an old size that is a power of two is a subtree of its own: its root begins the path
  const steps = fn === 0 ? [oldRoot, ...path] : [...path];
  const first = steps.shift();
  if (first === undefined) return false;
  let [older, newer] = [first, first];
  for (const step of steps) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      older = await nodeHash(step, older);
      newer = await nodeHash(step, newer);
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      newer = await nodeHash(newer, step);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && same(older, oldRoot) && same(newer, newRoot);
}
