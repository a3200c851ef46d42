/// <reference types="node" />
/**
 * The verifier for a program beside it: JSON lines on standard input, an answer to each on standard output.
 *
 *     {"bundle": base64, "trust": base64 of a trust.json or null}  →  {"checks": {id: outcome}, "exit": 0|1|3, "faults": [code]}
 */
import { readFileSync } from "node:fs";

import { fromBase64, utf8, type Bytes } from "./bytes";
import { isDossier } from "./container";
import { verifyDossier } from "./dossier";
import { parseTrust } from "./trust";
import { verifyBundle } from "./verify";

interface Asked {
  readonly bundle: string;
  readonly trust: string | null;
}

function bytesOf(text: string): Bytes {
  return fromBase64(text) ?? utf8("no base64");
}

async function answer(line: string): Promise<string> {
  const { bundle, trust } = JSON.parse(line) as Asked;
  const [bytes, pinned] = [bytesOf(bundle), trust === null ? null : parseTrust(bytesOf(trust))];
  const report = await (isDossier(bytes) ? verifyDossier(bytes, pinned) : verifyBundle(bytes, pinned));
  const checks = Object.fromEntries(report.checks.map(({ id, ended }) => [id, ended.outcome]));
  const faults = report.checks.flatMap(({ ended }) => (ended.outcome === "fail" ? [ended.code] : []));
  return JSON.stringify({ checks, exit: report.exitCode, faults });
}

for (const line of readFileSync(0, "utf8").trimEnd().split("\n")) process.stdout.write(`${await answer(line)}\n`);
