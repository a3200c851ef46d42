import { describe, expect, it } from "vitest";

import { rejectedCsv } from "./rejected-csv";

const ROW = { line: 3, column: "phone", code: "phone.invalid", sentence: { zh: "不是有效号码", en: "Not a valid number" } };

describe("the file of rejected rows", () => {
  it("has a line for each, in the language of the page", () => {
    expect(rejectedCsv({ rejected: [ROW] }, "zh")).toBe(
      '\uFEFFline,column,code,reason\r\n"3","phone","phone.invalid","不是有效号码"\r\n',
    );
    expect(rejectedCsv({ rejected: [ROW] }, "en")).toContain("Not a valid number");
  });

  it.each(["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx"])("gives no spreadsheet a formula: %j", (column) => {
    expect(rejectedCsv({ rejected: [{ ...ROW, column }] }, "zh")).toContain(`"'${column}"`);
  });

  it("keeps quotes inside their cell", () => {
    expect(rejectedCsv({ rejected: [{ ...ROW, column: 'a"b' }] }, "zh")).toContain('"a""b"');
  });
});
