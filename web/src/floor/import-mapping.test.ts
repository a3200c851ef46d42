import { describe, expect, it } from "vitest";

import en from "../i18n/en.json";

import { decodeList, guessMapping, LEAD_FIELDS, mappedRows, missingFields, remap } from "./import-mapping";

describe("a list's columns", () => {
  it("are guessed from what people call them, each field once", () => {
    expect(guessMapping(["手机号码", "姓名", "提交时间", "Phone", "身份证号"])).toEqual(["number", "name", "requested_at", null, null]);
    expect(guessMapping(["Phone Number", "requested_at", "Message"])).toEqual(["number", "requested_at", "asked"]);
  });

  it("say which must still be found", () => {
    expect(missingFields(guessMapping(["姓名"]))).toEqual(["number", "requested_at"]);
    expect(missingFields(guessMapping(["电话", "请求时间"]))).toEqual([]);
  });

  it("give a field to one column only", () => {
    expect(remap(["number", "name", null], 2, "number")).toEqual([null, "name", "number"]);
    expect(remap(["number", "name", null], 1, null)).toEqual(["number", null, null]);
  });

  it("stay in the browser where they stand for no field", () => {
    const rows = [
      ["电话", "身份证号", "提交时间"],
      ["+861300000000", "secret", "2026-11-18T10:30:00+08:00"],
    ];
    const sent = mappedRows(rows, guessMapping(rows[0] ?? []));
    expect(sent).toEqual([
      ["number", "requested_at"],
      ["+861300000000", "2026-11-18T10:30:00+08:00"],
    ]);
  });

  it("leave a row of another length as wrong as it is", () => {
    const sent = mappedRows([["number", "requested_at"], ["1"], [""]], ["number", "requested_at"]);
    expect(sent.map((row) => row.length)).toEqual([2, 3, 2]);
  });

  it("have a name for every field", () => {
    expect(Object.keys(en.leadField).sort()).toEqual([...LEAD_FIELDS].sort());
  });
});

describe("a list's letters", () => {
  it("are UTF-8 or GB18030, and nothing else", () => {
    expect(decodeList(new TextEncoder().encode("姓名"))).toBe("姓名");
    expect(decodeList(new Uint8Array([0xd0, 0xd5, 0xc3, 0xfb]))).toBe("姓名");
    expect(decodeList(new Uint8Array([0x00, 0x01]))).toBeNull();
    expect(decodeList(new Uint8Array([0xff, 0xff, 0xff]))).toBeNull();
  });
});
