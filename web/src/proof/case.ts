import { hex, type Bytes } from "./bytes";
import type { Json } from "./canonical";
import type { Extent } from "./container";
import { sha256 } from "./crypto";
import type { Dnc } from "./dnc";
import { Fault, type About, type Where } from "./fault";
import type { FaultCode } from "./codes";
import type { Leaf } from "./leaf";
import type { Envelope, Manifest } from "./manifest";
import type { Checkpoint, Note } from "./note";
import type { Payload } from "./payload";
import type { Trust } from "./trust";

/** What a decoder makes of a FLAC file: SHA-256 (hex) over its frames, 16 bit little-endian interleaved, and their count. */
interface Sound {
  readonly pcmSha256: string;
  readonly frames: number;
}

/** Decodes a FLAC file, or null where it can't. */
export type DecodeSound = (flac: Bytes, rate: number, channels: number) => Promise<Sound | null>;

/** One leaf's proof that it is in the tree; the hash in hex. */
export interface Inclusion {
  readonly seq: number;
  readonly hash: string;
  readonly path: readonly Bytes[];
}

/** An earlier checkpoint, and the proof that the bundle's one only appends to it. */
export interface Earlier {
  readonly note: Note;
  readonly path: readonly Bytes[];
}

/** A proofs.json. */
export interface Proofs {
  readonly size: number;
  readonly leaves: readonly Inclusion[];
  readonly earlier: readonly Earlier[];
}

function unestablished(what: string): Error {
  return new Error(`${what} is read before the check that establishes it`);
}

/** One bundle under verification: each check adds what it has established; what isn't established can't be read. */
export class Case {
  files: ReadonlyMap<string, Extent> = new Map();
  readonly leaves = new Map<number, Leaf>();
  readonly hashes = new Map<number, Bytes>();
  readonly payloads = new Map<number, Payload>();
  readonly earlier = new Map<number, Checkpoint>();
  readonly places = new Map<string, Bytes>();
  consumedSeq: number | null = null;
  dnc: Dnc | null = null;
  private readonly digests = new Map<string, string>();
  private read: {
    envelope?: Envelope;
    manifest?: Manifest;
    trust?: Trust;
    checkpoint?: Checkpoint;
    proofs?: Proofs;
  } = {};

  constructor(
    readonly bytes: Bytes,
    readonly pinned: Trust | null,
    readonly decodeSound: DecodeSound | null,
  ) {}

  establish(what: Case["read"]): void {
    this.read = { ...this.read, ...what };
  }

  get envelope(): Envelope {
    if (this.read.envelope === undefined) throw unestablished("envelope");
    return this.read.envelope;
  }

  get manifest(): Manifest {
    if (this.read.manifest === undefined) throw unestablished("manifest");
    return this.read.manifest;
  }

  get trust(): Trust {
    if (this.read.trust === undefined) throw unestablished("trust");
    return this.read.trust;
  }

  get checkpoint(): Checkpoint {
    if (this.read.checkpoint === undefined) throw unestablished("checkpoint");
    return this.read.checkpoint;
  }

  get proofs(): Proofs {
    if (this.read.proofs === undefined) throw unestablished("proofs");
    return this.read.proofs;
  }

  /** The leaves of the attempt that the bundle is about, by seq. */
  own(): readonly Leaf[] {
    return [...this.leaves.values()].filter((leaf) => leaf.attempt === this.manifest.attempt).sort((a, b) => a.seq - b.seq);
  }

  /** Whether the manifest declares this to be missing. */
  lacks(what: string): boolean {
    return this.manifest.missing.has(what);
  }

  /** What leaf `seq` discloses under a name, as far as it is shown. */
  says(seq: number, name: string): Json | undefined {
    return this.payloads.get(seq)?.shown.get(name);
  }

  /** A file that has to be there. */
  file(name: string): Bytes {
    const extent = this.files.get(name);
    if (extent === undefined) throw new Fault("zip.absent", {}, { name });
    return extent.bytes;
  }

  /** SHA-256 of a file in hex, computed once. */
  async digest(name: string): Promise<string> {
    const known = this.digests.get(name);
    if (known !== undefined) return known;
    const digest = hex(await sha256(this.file(name)));
    this.digests.set(name, digest);
    return digest;
  }

  /** A fault in a file of the bundle, with the bytes where that file lies. */
  fault(code: FaultCode, name: string, about: About = {}, leaf?: number): Fault {
    const extent = this.files.get(name);
    const place: Where = extent === undefined ? {} : { start: extent.start, end: extent.end };
    return new Fault(code, { file: name, ...place, ...(leaf === undefined ? {} : { leaf }) }, about);
  }

  /** What a reader makes of a file; a fault of form gets the file's place. */
  async parse<Parsed>(name: string, read: (bytes: Bytes) => Parsed | Promise<Parsed>, leaf?: number): Promise<Parsed> {
    const bytes = this.file(name);
    try {
      return await read(bytes);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const within = this.fault(error.code, name, error.about, leaf);
      const start = (within.where.start ?? 0) + (error.where.start ?? 0);
      throw new Fault(error.code, { ...within.where, ...error.where, start }, error.about);
    }
  }
}

/** The file of a leaf: sixteen digits, so that names sort as numbers do. */
export function leafName(seq: number): string {
  return `leaves/${String(seq).padStart(16, "0")}.json`;
}
