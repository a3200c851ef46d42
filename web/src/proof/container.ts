import { firstDifference, joined, utf8, type Bytes } from "./bytes";
import { Fault } from "./fault";

/** One file of the ZIP and where its own bytes lie: [start, end). */
export interface Extent {
  readonly bytes: Bytes;
  readonly start: number;
  readonly end: number;
}

const DOSSIER_FOLDER = "bundles/";
const LOCAL_BYTES = 30;
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const DATE_1980 = 0x0021;
const VERSION_NEEDED = 10;
const MADE_BY = 20;

/** Which ZIPs are taken: the names that they may hold, and how much. */
export interface Layout {
  readonly names: RegExp;
  readonly bytesMax: number;
  readonly filesMax: number;
}

/** A bundle's ZIP. */
export const BUNDLE: Layout = {
  names:
    /^(manifest\.json|checkpoint|proofs\.json|opened\.json|trust\.json|VERIFY\.md|dnc\.json|recording\.flac|leaves\/[0-9]{16}\.json|tsr\/[0-9]{16}\.tsr|consent\/[A-Za-z0-9][A-Za-z0-9_-]{0,63}(\.[A-Za-z0-9]{1,8})?)$/,
  bytesMax: 2 ** 30,
  filesMax: 20_000,
};

/** A dossier's ZIP. */
export const DOSSIER: Layout = {
  names: /^(VERIFY\.md|bundles\/[0-9]{8}\.zip|index\.csv|index\.json|trust\.json)$/,
  bytesMax: 2 ** 32 - 1,
  filesMax: 10_004,
};

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes: Bytes): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (CRC_TABLE[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** Little-endian numbers: [value, 2 or 4 bytes] after each other. */
function numbers(...parts: readonly (readonly [number, 2 | 4])[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, [, width]) => sum + width, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [value, width] of parts) {
    if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += width;
  }
  return bytes;
}

interface Entry {
  readonly name: string;
  readonly crc: number;
  readonly size: number;
  readonly offset: number;
}

/** Version needed, flags, method, time and date, check sum, both sizes, length of the name, no extra field. */
function common({ name, crc, size }: Entry): Bytes {
  return numbers(
    [VERSION_NEEDED, 2], [0, 2], [0, 2], [0, 2], [DATE_1980, 2],
    [crc, 4], [size, 4], [size, 4], [name.length, 2], [0, 2],
  );
}

function localHeader(entry: Entry): Bytes {
  return joined(numbers([LOCAL, 4]), common(entry), utf8(entry.name));
}

function centralHeader(entry: Entry): Bytes {
  const rest = numbers([0, 2], [0, 2], [0, 2], [0, 4], [entry.offset, 4]);
  return joined(numbers([CENTRAL, 4], [MADE_BY, 2]), common(entry), rest, utf8(entry.name));
}

function endRecord(count: number, directoryBytes: number, offset: number): Bytes {
  return numbers([END, 4], [0, 2], [0, 2], [count, 2], [count, 2], [directoryBytes, 4], [offset, 4], [0, 2]);
}

function readEntry(bytes: Bytes, view: DataView, at: number, names: RegExp): readonly [Entry, Extent] {
  if (bytes.length < at + LOCAL_BYTES) throw new Fault("zip.cut", { start: at, end: bytes.length });
  const size = view.getUint32(at + 18, true);
  const start = at + LOCAL_BYTES + view.getUint16(at + 26, true);
  const end = start + size;
  if (end > bytes.length) throw new Fault("zip.cut", { start: at, end: bytes.length });
  const name = String.fromCharCode(...bytes.subarray(at + LOCAL_BYTES, start));
  if (!names.test(name)) throw new Fault("zip.name", { start: at + LOCAL_BYTES, end: start });
  const content = bytes.subarray(start, end);
  const entry = { name, crc: crc32(content), size, offset: at };
  if (view.getUint32(at + 14, true) !== entry.crc) throw new Fault("zip.crc", { file: name, start, end });
  const differs = firstDifference(bytes.subarray(at, start), localHeader(entry));
  if (differs !== -1) throw new Fault("zip.header", { file: name, start: at + differs, end: at + differs + 1 });
  return [entry, { bytes: content, start, end }];
}

/**
 * The files of a ZIP that is, byte for byte, the one that docs/evidence.md sections 8 and 15 prescribe for them: stored, in order
 * of name, without a spare byte. One walk over the bytes; each header is compared with the one that a writer would write.
 */
export function readZip(bytes: Bytes, layout: Layout): ReadonlyMap<string, Extent> {
  if (bytes.length > layout.bytesMax) throw new Fault("zip.size");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const files = new Map<string, Extent>();
  const entries: Entry[] = [];
  let at = 0;
  let last = "";
  while (at + 4 <= bytes.length && view.getUint32(at, true) === LOCAL) {
    const [entry, extent] = readEntry(bytes, view, at, layout.names);
    if (entry.name <= last) throw new Fault("zip.order", { file: entry.name, start: at, end: extent.start });
    if (files.size >= layout.filesMax) throw new Fault("zip.size", { start: at });
    files.set(entry.name, extent);
    entries.push(entry);
    at = extent.end;
    last = entry.name;
  }
  const directory = entries.map(centralHeader);
  const tail = joined(...directory, endRecord(entries.length, directory.reduce((sum, part) => sum + part.length, 0), at));
  const differs = firstDifference(bytes.subarray(at), tail);
  if (differs !== -1) throw new Fault("zip.directory", { start: at + differs, end: Math.min(at + differs + 1, bytes.length) });
  return files;
}

/** Whether a file is to be read as a dossier: its second entry lies under `bundles/`. Anything else is read as a bundle. */
export function isDossier(bytes: Bytes): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < LOCAL_BYTES || view.getUint32(0, true) !== LOCAL) return false;
  const at = LOCAL_BYTES + view.getUint16(26, true) + view.getUint32(18, true);
  const name = bytes.subarray(at + LOCAL_BYTES, at + LOCAL_BYTES + DOSSIER_FOLDER.length);
  return at + 4 <= bytes.length && view.getUint32(at, true) === LOCAL && String.fromCharCode(...name) === DOSSIER_FOLDER;
}
