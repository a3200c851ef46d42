import type { Case } from "./case";
import { BUNDLE, readZip } from "./container";
import { signatureHolds } from "./ed25519";
import { Fault, Skip } from "./fault";
import type { FaultCode } from "./codes";
import { BUNDLE_TYPE, parseEnvelope, parseManifest, type Envelope } from "./manifest";
import { handedOver, isBelieved, keysByPrintedId, parseTrust, type Trust } from "./trust";

const NEEDED = ["manifest.json", "checkpoint", "proofs.json", "opened.json", "trust.json", "VERIFY.md"];

/** Checks 1 to 4, 7 and 11: the file, its manifest, and the keys. */
export function checkContainer(subject: Case): Promise<void> {
  const files = readZip(subject.bytes, BUNDLE);
  for (const name of NEEDED) if (!files.has(name)) throw new Fault("zip.absent", {}, { name });
  if (![...files.keys()].some((name) => name.startsWith("leaves/"))) throw new Fault("zip.noLeaves");
  subject.files = files;
  return Promise.resolve();
}

export async function checkManifest(subject: Case): Promise<void> {
  const envelope = await subject.parse("manifest.json", (bytes) => parseEnvelope(bytes, BUNDLE_TYPE));
  const manifest = await subject.parse("manifest.json", () => {
    try {
      return parseManifest(envelope.payload);
    } catch (error) {
      // places within the payload are not places of the file
      throw error instanceof Fault ? new Fault(error.code, {}, error.about) : error;
    }
  });
  subject.establish({ envelope, manifest });
}

export async function checkListedFiles(subject: Case): Promise<void> {
  const listed = new Set<string>();
  let last = "";
  for (const { name, bytes, sha256 } of subject.manifest.files) {
    if (listed.size > 0 && name <= last) throw subject.fault("manifest.order", "manifest.json");
    if (name === "manifest.json" || !subject.files.has(name)) throw subject.fault("manifest.absent", "manifest.json", { name });
    if (subject.file(name).length !== bytes || (await subject.digest(name)) !== sha256) throw subject.fault("manifest.differs", name);
    listed.add(name);
    last = name;
  }
  for (const name of subject.files.keys()) {
    if (name !== "manifest.json" && !listed.has(name)) throw subject.fault("manifest.unlisted", name);
  }
}

export async function checkTrust(subject: Case): Promise<void> {
  const bundled = await subject.parse("trust.json", parseTrust);
  const trust = subject.pinned ?? bundled;
  if (trust.log !== subject.manifest.log) throw subject.fault("trust.log", "trust.json");
  if (bundled.log !== subject.manifest.log) throw subject.fault("trust.bundleLog", "trust.json");
  subject.establish({ trust });
}

export async function checkRotations(subject: Case): Promise<void> {
  const rotated = [...subject.leaves.values()].filter((leaf) => leaf.type === "key.rotated").sort((a, b) => a.seq - b.seq);
  if (rotated.length === 0) throw new Skip("rotation");
  for (const { seq } of rotated) {
    const shown = subject.payloads.get(seq)?.shown;
    if (shown === undefined) throw subject.fault("rotation.notShown", "opened.json", {}, seq);
    const trust = await subject.parse("opened.json", () => handedOver(subject.trust, shown, seq), seq);
    subject.establish({ trust });
  }
}

export async function checkManifestSignature(subject: Case): Promise<void> {
  const wrong = await signatureFault(subject.envelope, subject.trust, subject.manifest.size);
  if (wrong !== null) throw subject.fault(wrong, "manifest.json");
}

/** What is wrong with an envelope's signatures under bundle keys at a tree size; null where all hold. */
export async function signatureFault(envelope: Envelope, trust: Trust, size: number): Promise<FaultCode | null> {
  const known = await keysByPrintedId(trust, "bundle");
  for (const { key: printed, signature } of envelope.signatures) {
    const key = known.get(printed);
    if (key === undefined) return "manifest.unknownKey";
    if (!isBelieved(key, "bundle", size)) return "manifest.keyRange";
    if (!(await signatureHolds(key.public, signature, envelope.signed))) return "manifest.signature";
  }
  return null;
}
