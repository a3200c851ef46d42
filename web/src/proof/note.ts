import { fromBase64, hex, joined, textOf, utf8, type Bytes } from "./bytes";
import { sha256 } from "./crypto";
import { Fault } from "./fault";

/** A key's name, and the form of an origin in a note. */
export const KEY_NAME = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/;

const NOTE_BYTES_MAX = 64 * 1024;
const LINES_MAX = 32;
const BLOB_BYTES_MAX = 1024;
const LINE = /^— ([^ +\p{White_Space}]{1,128}) ([A-Za-z0-9+/]+={0,2})$/u;
const SIZE = /^(0|[1-9][0-9]{0,15})$/;

/** One signature of a note: key name, key id in hex, what was signed with it. */
interface Signature {
  readonly key: string;
  readonly id: string;
  readonly blob: Bytes;
}

/** A C2SP signed note. `body` ends with the newline before the empty line. */
export interface Note {
  readonly body: string;
  readonly signatures: readonly Signature[];
}

/** Root and number of entries of the DNC tree, and how many VRF keys have placed them so far. */
export interface DncHead {
  readonly entries: number;
  readonly vrfKeys: number;
  readonly root: Bytes;
}

/** A note whose body is a checkpoint. */
export interface Checkpoint extends Note {
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
  readonly dnc: DncHead | null;
}

function bad(what: string): Fault {
  return new Fault("form.field", {}, { what });
}

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 32 && code !== 10) return true;
  }
  return false;
}

function signatureOf(line: string): Signature {
  const match = LINE.exec(line);
  const blob = match === null ? null : fromBase64(match[2] ?? "");
  if (blob === null || blob.length <= 4 || blob.length > BLOB_BYTES_MAX) throw bad("note.signature");
  return { key: match?.[1] ?? "", id: hex(blob.slice(0, 4)), blob: blob.slice(4) };
}

/** A signed note, whatever its body says. */
export function parseNote(bytes: Bytes): Note {
  const text = bytes.length > NOTE_BYTES_MAX ? null : textOf(bytes);
  if (text === null || hasControl(text)) throw bad("note");
  const gap = text.lastIndexOf("\n\n");
  if (gap === -1 || !text.endsWith("\n")) throw bad("note");
  const lines = text.slice(gap + 2, -1).split("\n");
  if (lines.length > LINES_MAX) throw bad("note");
  return { body: text.slice(0, gap + 1), signatures: lines.map(signatureOf) };
}

function sizeOf(text: string | undefined): number {
  if (text === undefined || !SIZE.test(text) || !Number.isSafeInteger(Number(text))) throw bad("checkpoint.size");
  return Number(text);
}

function rootOf(text: string | undefined): Bytes {
  const root = fromBase64(text ?? "");
  if (root?.length !== 32) throw bad("checkpoint.root");
  return root;
}

function dncOf(line: string | undefined): DncHead | null {
  if (line === undefined) return null;
  const words = line.split(" ");
  if (words.length < 3 || words.length > 4 || words[0] !== "dnc") throw bad("checkpoint.dnc");
  const vrfKeys = words.length === 4 ? sizeOf(words[3]) : 1;
  if (words.length === 4 && vrfKeys < 2) throw bad("checkpoint.dnc");
  return { entries: sizeOf(words[1]), root: rootOf(words[2]), vrfKeys };
}

/** The checkpoint in a note's body. */
export function checkpointOf(note: Note): Checkpoint {
  const lines = note.body.slice(0, -1).split("\n");
  const origin = lines[0] ?? "";
  if (lines.length < 3 || lines.length > 4 || !KEY_NAME.test(origin)) throw bad("checkpoint");
  return { ...note, origin, size: sizeOf(lines[1]), root: rootOf(lines[2]), dnc: dncOf(lines[3]) };
}

/** The four bytes, in hex, that name a key: of its name, the type of its signatures and the key itself. */
export async function keyId(name: string, type: Bytes, key: Bytes): Promise<string> {
  return hex((await sha256(joined(utf8(`${name}\n`), type, key))).slice(0, 4));
}
