import { hex, same, utf8 } from "./bytes";
import { encode, isList } from "./canonical";
import { leafName, type Case } from "./case";
import { sha256, sha256Hex } from "./crypto";
import { Fault, Skip } from "./fault";
import { fields, hashIn, integerIn, textIn } from "./forms";
import { shapeOf } from "./flac";
import type { Leaf } from "./leaf";
import type { Said } from "./report";
import { isSignedBy, parseToken } from "./token";

/** Checks 17 to 21 and 24: what is shown beside the leaves is what they speak of. */
export async function checkPacks(subject: Case): Promise<Said> {
  let count = 0;
  for (const leaf of subject.leaves.values()) {
    const packs = subject.says(leaf.seq, "policy.packs");
    if (packs === undefined) continue;
    count += 1;
    if (leaf.policySha256 !== (await sha256Hex(encode(packs)))) throw subject.fault("packs.differ", "opened.json", {}, leaf.seq);
  }
  if (count === 0) throw new Skip("packs");
  return { code: "packs", about: { count } };
}

interface Stated {
  readonly bytes: number;
  readonly sha256: string;
}

async function statedFiles(subject: Case): Promise<ReadonlyMap<string, Stated>> {
  const stated = new Map<string, Stated>();
  for (const [seq, payload] of subject.payloads) {
    const files = payload.shown.get("consent.files");
    if (files === undefined) continue;
    if (subject.leaves.get(seq)?.type !== "consent.recorded") throw subject.fault("consent.stranger", "opened.json", {}, seq);
    await subject.parse("opened.json", () => {
      if (!isList(files)) throw new Fault("form.field", {}, { what: "consent.files" });
      for (const value of files) {
        const file = fields("consent.files", value, "name bytes sha256");
        stated.set(`consent/${textIn(file, "name")}`, { bytes: integerIn(file, "bytes", -Infinity), sha256: hex(hashIn(file, "sha256")) });
      }
    }, seq);
  }
  return stated;
}

export async function checkConsentFiles(subject: Case): Promise<Said> {
  const stated = await statedFiles(subject);
  const there = [...subject.files.keys()].filter((name) => name.startsWith("consent/"));
  for (const name of there) {
    const wanted = stated.get(name);
    if (wanted?.bytes !== subject.file(name).length || wanted.sha256 !== (await subject.digest(name))) {
      throw subject.fault("consent.differs", name);
    }
  }
  for (const name of stated.keys()) {
    const declared = subject.lacks(`consent.file:${name.slice("consent/".length)}`);
    if (!subject.files.has(name) && !declared) throw subject.fault("consent.absent", "opened.json");
  }
  if (there.length === 0) throw new Skip("consentFiles");
  return { code: "consentFiles", about: { count: there.length } };
}

const RECORDING = "recording.flac";

/** The leaf that sealed the recording in this bundle. */
function sealedLeaf(subject: Case): Leaf {
  const own = subject.own();
  const sealed = own.filter((leaf) => leaf.type === "recording.sealed");
  const [first, second] = sealed;
  const there = subject.files.has(RECORDING);
  const declared = subject.lacks("recording");
  if (second !== undefined) throw subject.fault("recording.two", leafName(second.seq), {}, second.seq);
  if (there && (first === undefined || declared)) throw subject.fault("recording.unsealed", RECORDING);
  if (first !== undefined && !there && !declared) throw subject.fault("recording.absent", leafName(first.seq), {}, first.seq);
  if (there && first !== undefined) return first;
  const spoken = own.find((leaf) => leaf.type === "attempt.connected");
  const explained = first !== undefined || declared || own.some((leaf) => leaf.type === "recording.missing");
  if (spoken !== undefined && !explained) throw subject.fault("recording.unexplained", leafName(spoken.seq), {}, spoken.seq);
  throw new Skip("recording");
}

export async function checkRecording(subject: Case): Promise<void> {
  const leaf = sealedLeaf(subject);
  if (subject.says(leaf.seq, "rec.flac_sha256") !== (await subject.digest(RECORDING))) {
    throw subject.fault("recording.differs", RECORDING, {}, leaf.seq);
  }
}

export async function checkRecordingShape(subject: Case): Promise<Said> {
  const leaf = sealedLeaf(subject);
  const shape = await subject.parse(RECORDING, shapeOf, leaf.seq);
  const said = leaf.recording;
  if (said?.rate !== shape.rate || said.channels !== shape.channels || said.frames !== shape.frames) {
    throw subject.fault("recording.shape", RECORDING, {}, leaf.seq);
  }
  const seconds = (shape.frames / shape.rate).toFixed(1);
  return { code: "recording", about: { seconds, rate: shape.rate, channels: shape.channels } };
}

export async function checkRecordingSound(subject: Case): Promise<Said> {
  const leaf = sealedLeaf(subject);
  if (subject.decodeSound === null) throw new Skip("decoder");
  const stated = subject.says(leaf.seq, "rec.pcm_sha256");
  if (stated === undefined) throw new Skip("soundNotShown");
  const { rate, channels } = await subject.parse(RECORDING, shapeOf, leaf.seq);
  const sound = await subject.decodeSound(subject.file(RECORDING), rate, channels);
  if (sound === null) throw subject.fault("recording.undecodable", RECORDING, {}, leaf.seq);
  if (sound.pcmSha256 !== stated || sound.frames !== leaf.recording?.frames) {
    throw subject.fault("recording.sound", RECORDING, {}, leaf.seq);
  }
  return { code: "frames", about: { count: sound.frames } };
}

export async function checkTimeTokens(subject: Case): Promise<Said> {
  const names = [...subject.files.keys()].filter((name) => name.startsWith("tsr/"));
  if (names.length === 0) throw new Skip("tokens");
  let times: readonly string[] = [];
  const authorities = subject.trust.authorities;
  for (const name of names) {
    const token = await subject.parse(name, parseToken);
    const size = Number(name.slice(4, 20));
    const note = size === subject.checkpoint.size ? subject.checkpoint : subject.earlier.get(size);
    if (note === undefined || !same(token.imprint, await sha256(utf8(note.body)))) throw subject.fault("token.checkpoint", name);
    let believed = authorities.length === 0;
    for (const { certificate } of authorities) believed ||= await isSignedBy(token, certificate);
    if (!believed) throw subject.fault("token.authority", name);
    times = [...times, new Date(token.atMs).toISOString().slice(0, 19).replace("T", " ")];
  }
  return { code: authorities.length === 0 ? "stampedByUnpinned" : "stamped", about: { times: times.join(", ") } };
}
