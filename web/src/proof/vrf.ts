import { ed25519 } from "@noble/curves/ed25519.js";

import { joined, same, type Bytes } from "./bytes";
import { sha512 } from "./crypto";

const { Point } = ed25519;
type Point = InstanceType<typeof Point>;

const ORDER = Point.Fn.ORDER;
const SUITE = 0x03;
const POINT_BYTES = 32;
const CHALLENGE_BYTES = 16;
const PROOF_BYTES = 80;

function littleEndian(bytes: Bytes): bigint {
  let value = 0n;
  for (let at = bytes.length - 1; at >= 0; at -= 1) value = (value << 8n) | BigInt(bytes[at] ?? 0);
  return value;
}

/** A point of the curve from its one encoding, or null. */
function pointOf(bytes: Bytes): Point | null {
  try {
    return Point.fromBytes(bytes);
  } catch {
    return null;
  }
}

/** Scalar times point; the scalar may be 0. */
function times(point: Point, scalar: bigint): Point {
  return scalar === 0n ? Point.ZERO : point.multiplyUnsafe(scalar);
}

/** RFC 9381, section 5.4.1.1: try and increment. */
async function pointByTrying(key: Bytes, alpha: Bytes): Promise<Point | null> {
  for (let counter = 0; counter < 256; counter += 1) {
    const hash = await sha512(joined(new Uint8Array([SUITE, 0x01]), key, alpha, new Uint8Array([counter, 0x00])));
    const point = pointOf(hash.slice(0, POINT_BYTES))?.clearCofactor();
    if (point !== undefined && !point.is0()) return point;
  }
  return null;
}

/**
 * RFC 9381's verification for ECVRF-EDWARDS25519-SHA512-TAI, with validation of the key: the output (64 bytes) that this
 * proof shows for `alpha`, or null where it shows none.
 */
export async function vrfOutput(key: Bytes, alpha: Bytes, proof: Bytes): Promise<Bytes | null> {
  if (proof.length !== PROOF_BYTES) return null;
  const shown = proof.slice(POINT_BYTES, POINT_BYTES + CHALLENGE_BYTES);
  const [c, s] = [littleEndian(shown), littleEndian(proof.slice(POINT_BYTES + CHALLENGE_BYTES))];
  const [y, gamma] = [pointOf(key), pointOf(proof.slice(0, POINT_BYTES))];
  if (s >= ORDER || y === null || gamma === null || y.isSmallOrder()) return null;
  const h = await pointByTrying(key, alpha);
  if (h === null) return null;
  const u = times(Point.BASE, s).subtract(times(y, c));
  const v = times(h, s).subtract(times(gamma, c));
  const points = [y, h, gamma, u, v].map((point) => point.toBytes());
  const hash = await sha512(joined(new Uint8Array([SUITE, 0x02]), ...points, new Uint8Array([0x00])));
  if (!same(hash.slice(0, CHALLENGE_BYTES), shown)) return null;
  return sha512(joined(new Uint8Array([SUITE, 0x03]), gamma.clearCofactor().toBytes(), new Uint8Array([0x00])));
}
