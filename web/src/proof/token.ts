import { joined, same, type Bytes } from "./bytes";
import { elements, nth, oid, only, timeOf, type Element } from "./der";
import { Fault } from "./fault";

const SIGNED_DATA = "2a864886f70d010702";
const TST_INFO = "2a864886f70d0109100104";
const SHA256 = "608648016503040201";
const CONTENT_TYPE = "2a864886f70d010903";
const MESSAGE_DIGEST = "2a864886f70d010904";
const EXTENDED_USAGE = "551d25";
const TIME_STAMPING = "2b06010505070308";
const RSA = "2a864886f70d010101";
const EC = "2a8648ce3d0201";
const HASHES: Readonly<Record<string, string>> = {
  "608648016503040201": "SHA-256",
  "608648016503040202": "SHA-384",
  "608648016503040203": "SHA-512",
};
const CURVES: Readonly<Record<string, { readonly name: string; readonly bytes: number }>> = {
  "2a8648ce3d030107": { name: "P-256", bytes: 32 },
  "2b81040022": { name: "P-384", bytes: 48 },
  "2b81040023": { name: "P-521", bytes: 66 },
};

/** An RFC 3161 time token: SHA-256 of what was stamped, when, and what its authority signed. */
export interface Token {
  readonly imprint: Bytes;
  readonly atMs: number;
  readonly info: Bytes;
  readonly digestAlgorithm: string;
  readonly attributes: Element;
  readonly stated: ReadonlyMap<string, Bytes>;
  readonly signature: Bytes;
}

function bad(): Fault {
  return new Fault("token.form");
}

/** The two elements within one. */
function pair(element: Element): readonly [Element, Element] {
  const parts = elements(element.content);
  if (parts.length !== 2) throw bad();
  return [nth(parts, 0), nth(parts, 1)];
}

function statedAttributes(attributes: Element): ReadonlyMap<string, Bytes> {
  return new Map(
    elements(attributes.content).map((attribute) => {
      const [kind, values] = pair(attribute);
      return [oid(kind), nth(elements(values.content), 0).content] as const;
    }),
  );
}

/** A TimeStampResp as received. */
export function parseToken(bytes: Bytes): Token {
  const [status, token] = pair(only(bytes));
  const granted = nth(elements(status.content), 0);
  if (granted.tag !== 0x02 || granted.content.length !== 1 || (granted.content[0] ?? 9) > 1) throw bad();
  const [kind, wrapped] = pair(token);
  const signed = elements(only(wrapped.content).content);
  const [contentKind, contentWrapped] = pair(nth(signed, 2));
  const info = only(contentWrapped.content).content;
  const said = elements(only(info).content);
  const [algorithm, hash] = pair(nth(said, 2));
  const signer = elements(only(nth(signed, -1).content).content);
  const kinds = [oid(kind), oid(contentKind), oid(nth(elements(algorithm.content), 0))];
  const [when, attributes] = [nth(said, 4), nth(signer, 3)];
  const wanted = [SIGNED_DATA, TST_INFO, SHA256];
  if (kinds.join() !== wanted.join() || hash.content.length !== 32 || when.tag !== 0x18) throw bad();
  const stated = statedAttributes(attributes);
  if (!stated.has(CONTENT_TYPE) || !stated.has(MESSAGE_DIGEST)) throw bad();
  return {
    imprint: hash.content,
    atMs: timeOf(when),
    info,
    digestAlgorithm: oid(nth(elements(nth(signer, 2).content), 0)),
    attributes,
    stated,
    signature: nth(signer, 5).content,
  };
}

interface Certificate {
  readonly from: number;
  readonly to: number;
  readonly key: Element;
  readonly mayStamp: boolean;
}

function certificateOf(bytes: Bytes): Certificate {
  const all = elements(nth(elements(only(bytes).content), 0).content);
  const parts = nth(all, 0).tag === 0xa0 ? all.slice(1) : all;
  const [from, to] = elements(nth(parts, 3).content).map(timeOf);
  const extensions = parts.find((part) => part.tag === 0xa3);
  if (from === undefined || to === undefined) throw bad();
  const usages = (extensions === undefined ? [] : elements(only(extensions.content).content))
    .map((extension) => elements(extension.content))
    .filter((extension) => oid(nth(extension, 0)) === EXTENDED_USAGE)
    .flatMap((extension) => elements(only(nth(extension, -1).content).content).map(oid));
  return { from, to, key: nth(parts, 5), mayStamp: usages.includes(TIME_STAMPING) };
}

/** An ECDSA signature as WebCrypto wants it: r and s of fixed length. */
function fixedLength(signature: Bytes, bytes: number): Bytes | null {
  const numbers = elements(only(signature).content).map((number) => {
    const digits = number.content.slice(number.content.findIndex((byte) => byte !== 0));
    return digits.length > bytes ? null : joined(new Uint8Array(bytes - digits.length), digits);
  });
  const [r, s] = numbers;
  return numbers.length !== 2 || r == null || s == null ? null : joined(r, s);
}

async function holds(key: Element, hash: string, signature: Bytes, message: Bytes): Promise<boolean> {
  const algorithm = elements(nth(elements(key.content), 0).content);
  const kind = oid(nth(algorithm, 0));
  if (kind === RSA) {
    const how = { name: "RSASSA-PKCS1-v1_5", hash };
    const held = await crypto.subtle.importKey("spki", key.whole, how, false, ["verify"]);
    return crypto.subtle.verify(how, held, signature, message);
  }
  const curve = kind === EC ? CURVES[oid(nth(algorithm, 1))] : undefined;
  const fixed = curve === undefined ? null : fixedLength(signature, curve.bytes);
  if (curve === undefined || fixed === null) return false;
  const held = await crypto.subtle.importKey("spki", key.whole, { name: "ECDSA", namedCurve: curve.name }, false, ["verify"]);
  return crypto.subtle.verify({ name: "ECDSA", hash }, held, fixed, message);
}

/** Whether the owner of this certificate (DER) signed the token as an authority of time, and its signed attributes say so. */
export async function isSignedBy(token: Token, certificate: Bytes): Promise<boolean> {
  try {
    const owner = certificateOf(certificate);
    const hash = HASHES[token.digestAlgorithm];
    if (hash === undefined || !owner.mayStamp || token.atMs < owner.from || token.atMs > owner.to) return false;
    const digest = new Uint8Array(await crypto.subtle.digest(hash, token.info));
    const [stated, kind] = [token.stated.get(MESSAGE_DIGEST), token.stated.get(CONTENT_TYPE)];
    if (stated === undefined || kind === undefined || !same(stated, digest)) return false;
    if (!same(kind, Uint8Array.from(TST_INFO.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)))) return false;
    // the attributes are signed as a SET, whatever tag they carry in the token
    const message = joined(new Uint8Array([0x31]), token.attributes.whole.slice(1));
    return await holds(owner.key, hash, token.signature, message);
  } catch {
    return false; // a certificate that can't be read vouches for nothing
  }
}
