import { hex, utf8, same, type Bytes } from "./bytes";
import { decode, type Json } from "./canonical";
import type { Case, DecodeSound } from "./case";
import { signatureFault } from "./checks-files";
import { DOSSIER, readZip, type Extent } from "./container";
import { sha256Hex } from "./crypto";
import { Fault } from "./fault";
import { fields, hashIn, idIn, integerIn, listIn, matchIn, textIn, versionIn, wordIn } from "./forms";
import { DEMO_PREFIX } from "./leaf";
import { parseEnvelope, type Envelope } from "./manifest";
import type { Check, Report, Said } from "./report";
import { exitCodeOf, runSteps, type Steps } from "./steps";
import { STATES } from "./story";
import { parseTrust, type Trust } from "./trust";
import { examine, type CheckId } from "./verify";

const NEEDED = ["VERIFY.md", "index.csv", "index.json", "trust.json"];
const INDEX_TYPE = "application/vnd.dialer.dossier-index+json";
const BUNDLES_MAX = 10_000;
/** The first microsecond of the year 10000. */
const MICROS_END = 253_402_300_800_000_000;
const WORD = /^[a-z][a-z0-9_.]{0,63}$/;

interface Listed {
  readonly attempt: string;
  readonly atMicros: number;
  readonly state: string;
  readonly bytes: number;
  readonly sha256: string;
}

interface Index {
  readonly id: string;
  readonly log: string;
  readonly org: string;
  readonly madeMicros: number;
  readonly size: number;
  readonly bundles: readonly Listed[];
  readonly absent: readonly { readonly attempt: string; readonly why: string }[];
}

/** How far a dossier of many bundles has come. */
export interface Progress {
  readonly done: number;
  readonly of: number;
}

class Dossier {
  files: ReadonlyMap<string, Extent> = new Map();
  envelope: Envelope | null = null;
  index: Index | null = null;
  trust: Trust | null = null;
  cases: readonly Case[] = [];

  constructor(
    readonly bytes: Bytes,
    readonly pinned: Trust | null,
    readonly decodeSound: DecodeSound | null,
    readonly progress: (progress: Progress) => void,
  ) {}

  file(name: string): Bytes {
    const extent = this.files.get(name);
    if (extent === undefined) throw new Fault("zip.absent", {}, { name });
    return extent.bytes;
  }

  fault(code: ConstructorParameters<typeof Fault>[0], name: string): Fault {
    const extent = this.files.get(name);
    return new Fault(code, { file: name, ...(extent === undefined ? {} : { start: extent.start, end: extent.end }) });
  }

  /** What an earlier check established; the order of the checks sees to it that it is there. */
  known<Part>(part: Part | null): Part {
    if (part === null) throw new Error("read before the check that establishes it");
    return part;
  }
}

function bundleName(place: number): string {
  return `bundles/${String(place + 1).padStart(8, "0")}.zip`;
}

function checkContainer(dossier: Dossier): Promise<void> {
  const files = readZip(dossier.bytes, DOSSIER);
  for (const name of NEEDED) if (!files.has(name)) throw new Fault("zip.absent", {}, { name });
  const bundles = [...files.keys()].filter((name) => name.startsWith("bundles/"));
  if (bundles.length === 0 || bundles.some((name, place) => name !== bundleName(place))) throw new Fault("dossier.numbers");
  dossier.files = files;
  return Promise.resolve();
}

function listedOf(value: Json): Listed {
  const entry = fields("index.bundles", value, "attempt_id at state bytes sha256");
  const atMicros = integerIn(entry, "at", 1);
  if (atMicros >= MICROS_END) throw new Fault("form.field", {}, { what: "index.bundles.at" });
  return {
    attempt: idIn(entry, "attempt_id"),
    atMicros,
    state: wordIn(entry, "state", STATES),
    bytes: integerIn(entry, "bytes", 1),
    sha256: hex(hashIn(entry, "sha256")),
  };
}

function indexOf(payload: Bytes): Index {
  const index = fields("index", decode(payload), "v format id log org made size sw bundles absent");
  versionIn(index);
  if (textIn(index, "format") !== "dialer-dossier/1") throw new Fault("form.field", {}, { what: "index.format" });
  idIn(index, "sw");
  const bundles = listIn(index, "bundles", BUNDLES_MAX).map(listedOf);
  const absent = listIn(index, "absent", BUNDLES_MAX).map((value) => {
    const entry = fields("index.absent", value, "attempt_id why");
    return { attempt: idIn(entry, "attempt_id"), why: matchIn(entry, "why", WORD) };
  });
  const asked = [...bundles, ...absent].map((entry) => entry.attempt);
  if (bundles.length === 0 || new Set(asked).size !== asked.length) throw new Fault("form.field", {}, { what: "index.bundles" });
  return {
    id: idIn(index, "id"),
    log: textIn(index, "log"),
    org: idIn(index, "org"),
    madeMicros: integerIn(index, "made", 1),
    size: integerIn(index, "size", 1),
    bundles,
    absent,
  };
}

function checkIndex(dossier: Dossier): Promise<Said> {
  try {
    dossier.envelope = parseEnvelope(dossier.file("index.json"), INDEX_TYPE);
    dossier.index = indexOf(dossier.envelope.payload);
  } catch (error) {
    throw error instanceof Fault ? new Fault(error.code, dossier.fault(error.code, "index.json").where, error.about) : error;
  }
  return Promise.resolve({ code: "bundles", about: { count: dossier.index.bundles.length, absent: dossier.index.absent.length } });
}

/** Microseconds since 1970 as `YYYY-MM-DDTHH:MM:SS.ffffffZ`. */
function timeText(micros: number): string {
  const whole = new Date(Math.floor(micros / 1_000)).toISOString();
  return `${whole.slice(0, -1)}${String(micros % 1_000).padStart(3, "0")}Z`;
}

function tableOf(index: Index): Bytes {
  const lines = [
    "file,attempt,at,state,bytes,sha256",
    ...index.bundles.map((one, place) =>
      [bundleName(place), one.attempt, timeText(one.atMicros), one.state, one.bytes, one.sha256].join(","),
    ),
    ...index.absent.map(({ attempt, why }) => `,${attempt},,${why},,`),
  ];
  return utf8(lines.map((line) => `${line}\r\n`).join(""));
}

async function checkFiles(dossier: Dossier): Promise<void> {
  const index = dossier.known(dossier.index);
  if (index.bundles.length !== dossier.files.size - NEEDED.length) throw dossier.fault("dossier.count", "index.json");
  for (const [place, listed] of index.bundles.entries()) {
    const bytes = dossier.file(bundleName(place));
    if (bytes.length !== listed.bytes || (await sha256Hex(bytes)) !== listed.sha256) {
      throw dossier.fault("manifest.differs", bundleName(place));
    }
  }
  if (!same(dossier.file("index.csv"), tableOf(index))) throw dossier.fault("dossier.table", "index.csv");
}

function checkTrust(dossier: Dossier): Promise<void> {
  const bundled = parseTrust(dossier.file("trust.json"));
  const trust = dossier.pinned ?? bundled;
  const { log } = dossier.known(dossier.index);
  if (trust.log !== log) throw dossier.fault("trust.log", "trust.json");
  if (bundled.log !== log) throw dossier.fault("trust.bundleLog", "trust.json");
  dossier.trust = trust;
  return Promise.resolve();
}

async function checkBundles(dossier: Dossier): Promise<Said> {
  const count = dossier.known(dossier.index).bundles.length;
  const cases: Case[] = [];
  for (let place = 0; place < count; place += 1) {
    dossier.progress({ done: place, of: count });
    const extent = dossier.known(dossier.files.get(bundleName(place)) ?? null);
    const { subject, checks } = await examine(extent.bytes, dossier.known(dossier.trust), dossier.decodeSound, () => undefined);
    const failed = checks.find(({ ended }) => ended.outcome === "fail");
    if (failed !== undefined) {
      const where = { file: bundleName(place), start: extent.start, end: extent.end };
      throw new Fault("dossier.bundle", where, { check: failed.id });
    }
    cases.push(subject);
  }
  dossier.progress({ done: count, of: count });
  dossier.cases = cases;
  return { code: "bundlesHold", about: { count } };
}

function checkMatch(dossier: Dossier): Promise<void> {
  const index = dossier.known(dossier.index);
  for (const [place, listed] of index.bundles.entries()) {
    const subject = dossier.known(dossier.cases[place] ?? null);
    const own = subject.own();
    const state = own.findLast((leaf) => leaf.type.startsWith("attempt."))?.type.slice("attempt.".length);
    const { attempt, log, org } = subject.manifest;
    const holds =
      attempt === listed.attempt && log === index.log && org === index.org && own[0]?.atMicros === listed.atMicros && state === listed.state;
    if (!holds) throw dossier.fault("dossier.other", bundleName(place));
  }
  if (Math.max(...dossier.cases.map((one) => one.manifest.size)) !== index.size) throw dossier.fault("dossier.size", "index.json");
  return Promise.resolve();
}

async function checkSignature(dossier: Dossier): Promise<void> {
  const largest = dossier.cases.reduce((found, one) => (one.manifest.size > found.manifest.size ? one : found));
  const wrong = await signatureFault(dossier.known(dossier.envelope), largest.trust, dossier.known(dossier.index).size);
  if (wrong !== null) throw dossier.fault(wrong, "index.json");
}

const STEPS = [
  ["dossier.container", [], checkContainer],
  ["dossier.index", ["dossier.container"], checkIndex],
  ["dossier.files", ["dossier.index"], checkFiles],
  ["dossier.trust", ["dossier.index"], checkTrust],
  ["dossier.bundles", ["dossier.files", "dossier.trust"], checkBundles],
  ["dossier.match", ["dossier.bundles"], checkMatch],
  ["dossier.signature", ["dossier.bundles"], checkSignature],
] as const satisfies Steps<Dossier>;

/** The checks of docs/evidence.md section 15, by id. */
export type DossierCheckId = (typeof STEPS)[number][0];

/** All of them, in their order. */
export const DOSSIER_CHECK_IDS: readonly DossierCheckId[] = STEPS.map(([id]) => id);

/** Any check of a bundle or of a dossier. */
export type AnyCheckId = CheckId | DossierCheckId;

/** Verify a dossier: its index, and each of its bundles alone. Arguments and answer as those of `verifyBundle`. */
export async function verifyDossier(
  bytes: Bytes,
  pinned: Trust | null,
  decodeSound: DecodeSound | null = null,
  tick: (check: Check<DossierCheckId>) => void = () => undefined,
  progress: (progress: Progress) => void = () => undefined,
): Promise<Report<DossierCheckId>> {
  const dossier = new Dossier(bytes, pinned, decodeSound, progress);
  const checks = await runSteps<Dossier, DossierCheckId>(STEPS, dossier, tick);
  const { index } = dossier;
  return {
    checks,
    exitCode: exitCodeOf(checks, pinned),
    isPinned: pinned !== null,
    subject:
      index === null
        ? null
        : {
            id: index.id,
            log: index.log,
            isDemo: index.log.startsWith(DEMO_PREFIX),
            madeMicros: index.madeMicros,
            missing: index.absent.length,
            withheld: 0,
          },
  };
}
