/// <reference types="node" />
import { readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { joined, same, textOf, utf8, type Bytes } from "./bytes";
import { decode, encode, type Json } from "./canonical";
import { BUNDLE, readZip } from "./container";
import { Fault } from "./fault";
import { parseTrust } from "./trust";
import { verifyBundle } from "./verify";

const VECTORS = new URL("../../../tests/vectors/", import.meta.url);

function read(name: string): Bytes {
  return new Uint8Array(readFileSync(new URL(name, VECTORS)));
}

const TALKED = read("bundles/talked.zip");
const TRUST = parseTrust(read("trust.json"));

const bytes = (lengthMax: number) => fc.uint8Array({ maxLength: lengthMax }).map((found) => Uint8Array.from(found));
const value = fc.letrec<{ any: Json }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 5 },
    fc.maxSafeInteger().map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.string({ unit: "grapheme" }),
    fc.array(tie("any"), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: "binary" }).filter((key) => !/\p{Surrogate}/u.test(key)), tie("any"), { maxKeys: 4 }),
  ),
})).any;

describe("whatever comes", () => {
  it("is never valid, and never more than a report, when it is garbage", async () => {
    await fc.assert(
      fc.asyncProperty(bytes(400), async (garbage) => {
        expect((await verifyBundle(garbage, null)).exitCode).toBe(1);
      }),
      { numRuns: 300 },
    );
  });

  it("is never valid when a single bit of a bundle was flipped, wherever it lies", async () => {
    expect((await verifyBundle(TALKED, TRUST)).exitCode).toBe(0);
    await fc.assert(
      fc.asyncProperty(fc.nat(TALKED.length * 8 - 1), async (bit) => {
        const flipped = Uint8Array.from(TALKED);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const report = await verifyBundle(flipped, TRUST);
        expect(report.exitCode).toBe(1);
        expect(report.checks.some(({ ended }) => ended.outcome === "fail" && ended.code === "broken")).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  it("is never valid when a stretch of a bundle was cut, doubled or replaced", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(TALKED.length), fc.nat(60), bytes(60), async (at, cut, put) => {
        const spoilt = joined(TALKED.subarray(0, at), put, TALKED.subarray(at + cut));
        fc.pre(!same(spoilt, TALKED));
        expect((await verifyBundle(spoilt, TRUST)).exitCode).toBe(1);
      }),
      { numRuns: 150 },
    );
  });
});

describe("canonical JSON", () => {
  it("reads what it writes, and nothing that it would not write", () => {
    fc.assert(
      fc.property(value, (any) => {
        const written = encode(any);
        expect(encode(decode(written))).toEqual(written);
        expect(() => decode(joined(written, utf8(" ")))).toThrow(Fault);
        expect(() => decode(joined(utf8("\ufeff"), written))).toThrow(Fault);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    '{"a":1,"a":1}', '{"b":1,"a":1}', "[1.0]", "[1e3]", "[-0]", "[9007199254740992]", "[null]", "[true]", '["\\u0041"]', '["\\ud800"]',
    '["\\/"]', "[1, 2]", "", "[", `${"[".repeat(17)}${"]".repeat(17)}`, "[".repeat(100_000), '{"__proto__":1,"__proto__":2}',
  ])("refuses %s", (text) => {
    expect(() => decode(utf8(text))).toThrow(Fault);
  });

  it("takes what stands next to those", () => {
    for (const text of ['{"a":1,"b":1}', "[1]", "[-1]", "[9007199254740991]", '["A"]', `${"[".repeat(16)}${"]".repeat(16)}`, '{"__proto__":1}']) {
      expect(textOf(encode(decode(utf8(text))))).toBe(text);
    }
  });

  it("refuses bytes that are not UTF-8", () => {
    expect(() => decode(new Uint8Array([0x22, 0xff, 0x22]))).toThrow(Fault);
    expect(() => decode(new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]))).toThrow(Fault);
  });
});

describe("the ZIP", () => {
  it("says where it differs from the one that would be written", () => {
    const files = readZip(TALKED, BUNDLE);
    expect(files.size).toBeGreaterThan(10);
    const spoilt = Uint8Array.from(TALKED);
    spoilt[TALKED.length - 3] = 1; // the directory's offset
    try {
      readZip(spoilt, BUNDLE);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: "zip.directory", where: { start: TALKED.length - 3 } });
    }
  });
});
