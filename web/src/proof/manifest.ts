import { hex, joined, utf8, type Bytes } from "./bytes";
import { decode, type Json } from "./canonical";
import { Fault } from "./fault";
import { base64Of, fields, hashIn, idIn, idMaybe, integerIn, listIn, matchIn, textIn, versionIn } from "./forms";

const ENTRIES_MAX = 20_000;
const SIGNATURES_MAX = 4;
const WORD = /^[a-z][a-z0-9_.]{0,63}$/;
const WHAT = /^[a-z][a-z0-9_.]{0,63}(:[A-Za-z0-9._-]{1,64})?$/;
/** The type of a bundle's manifest. */
export const BUNDLE_TYPE = "application/vnd.dialer.bundle-manifest+json";

/** A DSSE envelope. */
export interface Envelope {
  readonly payload: Bytes;
  readonly signed: Bytes;
  readonly signatures: readonly { readonly key: string; readonly signature: Bytes }[];
}

/** A file of the bundle as the manifest lists it; SHA-256 in hex. */
interface Listed {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What the exporter signed: the files, what is known to be missing, and what is withheld. */
export interface Manifest {
  readonly log: string;
  readonly attempt: string;
  readonly org: string | null;
  readonly size: number;
  readonly madeMicros: number;
  readonly files: readonly Listed[];
  readonly missing: ReadonlySet<string>;
  readonly withheld: readonly string[];
}

/** An envelope around a payload of this type. */
export function parseEnvelope(bytes: Bytes, type: string): Envelope {
  const envelope = fields("manifest", decode(bytes), "payload payloadType signatures");
  if (textIn(envelope, "payloadType") !== type) throw new Fault("form.field", {}, { what: "manifest.payloadType" });
  const signatures = listIn(envelope, "signatures", SIGNATURES_MAX).map((value) => {
    const entry = fields("manifest.signatures", value, "keyid sig");
    return { key: textIn(entry, "keyid"), signature: base64Of("manifest.signatures.sig", textIn(entry, "sig")) };
  });
  if (signatures.length === 0) throw new Fault("form.field", {}, { what: "manifest.signatures" });
  const payload = base64Of("manifest.payload", textIn(envelope, "payload"));
  const head = `DSSEv1 ${utf8(type).length} ${type} ${payload.length} `;
  return { payload, signed: joined(utf8(head), payload), signatures };
}

function listedOf(value: Json): Listed {
  const file = fields("manifest.files", value, "name bytes sha256");
  return { name: textIn(file, "name"), bytes: integerIn(file, "bytes", -Infinity), sha256: hex(hashIn(file, "sha256")) };
}

function missingOf(value: Json): string {
  const part = fields("manifest.missing", value, "what why");
  matchIn(part, "why", WORD);
  return matchIn(part, "what", WHAT);
}

/** A withheld disclosure as "leaf name". */
function withheldOf(value: Json): string {
  const part = fields("manifest.withheld", value, "seq name why");
  matchIn(part, "why", WORD);
  return `${integerIn(part, "seq")} ${matchIn(part, "name", WORD)}`;
}

/** The manifest in an envelope. */
export function parseManifest(payload: Bytes): Manifest {
  const manifest = fields("manifest", decode(payload), "v format log attempt_id size made sw files missing withheld", "org");
  versionIn(manifest);
  if (textIn(manifest, "format") !== "dialer-bundle/1") throw new Fault("form.field", {}, { what: "manifest.format" });
  idIn(manifest, "sw");
  return {
    log: textIn(manifest, "log"),
    attempt: idIn(manifest, "attempt_id"),
    org: idMaybe(manifest, "org"),
    size: integerIn(manifest, "size", 1),
    madeMicros: integerIn(manifest, "made", 1),
    files: listIn(manifest, "files", ENTRIES_MAX).map(listedOf),
    missing: new Set(listIn(manifest, "missing", ENTRIES_MAX).map(missingOf)),
    withheld: listIn(manifest, "withheld", ENTRIES_MAX).map(withheldOf),
  };
}
