import Papa from "papaparse";

import { decodeList } from "./import-mapping";

const ZIP: readonly number[] = [0x50, 0x4b, 0x03, 0x04];

/** Whether these bytes are a ZIP: a list with its artefacts, whose columns are named as they must be. */
export function isArchive(bytes: Uint8Array): boolean {
  return ZIP.every((byte, place) => bytes[place] === byte);
}

/** The rows of a list, its header first, blank lines at the end left out; null: it is no text. */
export function readList(bytes: Uint8Array): readonly (readonly string[])[] | null {
  const text = decodeList(bytes);
  if (text === null) return null;
  const { data } = Papa.parse<string[]>(text.replace(/^\uFEFF/, ""), { header: false });
  return data.at(-1)?.every((cell) => cell.trim() === "") === true ? data.slice(0, -1) : data;
}

export function writeList(rows: readonly (readonly string[])[]): string {
  return Papa.unparse([...rows], { newline: "\n" });
}
