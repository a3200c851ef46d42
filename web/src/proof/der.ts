import { hex, type Bytes } from "./bytes";
import { Fault } from "./fault";

/** One element of DER: its tag, its content, and both together as they stand. */
export interface Element {
  readonly tag: number;
  readonly content: Bytes;
  readonly whole: Bytes;
}

function bad(): Fault {
  return new Fault("token.form");
}

function lengthAt(bytes: Bytes, at: number): readonly [number, number] {
  const first = bytes[at + 1];
  if (first === undefined) throw bad();
  if (first < 0x80) return [first, at + 2];
  const count = first & 0x7f;
  if (count < 1 || count > 4 || at + 2 + count > bytes.length) throw bad();
  let length = 0;
  for (let digit = 0; digit < count; digit += 1) length = length * 256 + (bytes[at + 2 + digit] ?? 0);
  if (length < 0x80 || bytes[at + 2] === 0) throw bad();
  return [length, at + 2 + count];
}

/** The elements that stand one after the other; at least one. */
export function elements(bytes: Bytes): readonly Element[] {
  const found: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    const [length, start] = lengthAt(bytes, at);
    const end = start + length;
    if (end > bytes.length) throw bad();
    found.push({ tag: bytes[at] ?? 0, content: bytes.slice(start, end), whole: bytes.slice(at, end) });
    at = end;
  }
  if (found.length === 0) throw bad();
  return found;
}

/** The one at this place among its neighbours; negative places count from the end. */
export function nth(among: readonly Element[], place: number): Element {
  const element = among.at(place);
  if (element === undefined) throw bad();
  return element;
}

/** The only element of some content. */
export function only(bytes: Bytes): Element {
  const all = elements(bytes);
  if (all.length !== 1) throw bad();
  return nth(all, 0);
}

/** An object identifier's content in hex, which is enough to compare it. */
export function oid(element: Element): string {
  return hex(element.content);
}

/** When a UTCTime or GeneralizedTime says, in milliseconds since 1970. */
export function timeOf(element: Element): number {
  const text = String.fromCharCode(...element.content);
  const short = element.tag === 0x17;
  const form = short ? /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/ : /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\.\d{1,6})?Z$/;
  const match = form.exec(text);
  if (match === null || (!short && element.tag !== 0x18)) throw bad();
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const whole = short ? year + (year < 50 ? 2000 : 1900) : year;
  const at = new Date(0);
  at.setUTCFullYear(whole, month - 1, day);
  at.setUTCHours(hour, minute, second);
  const said = [at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()];
  if (whole < 1 || said.join() !== [month, day, hour, minute, second].join()) throw bad();
  return at.getTime() + Number(`0${match[7] ?? ""}`) * 1_000;
}
