/** Times for people. `zone` is an IANA zone; without one the viewer's own. Everything here takes moments as RFC 3339. */

export type Language = "zh" | "en";

const TAG: Record<Language, string> = { zh: "zh-CN", en: "en-GB" };

/** The difference between the product's clock and this machine's, so that a wrong machine clock misleads nobody. */
let skewMs = 0;

export function setProductNow(now: string): void {
  skewMs = Date.parse(now) - Date.now();
}

/** Now, by the product's clock. */
export function productNowMs(): number {
  return Date.now() + skewMs;
}

function format(moment: string | number, lang: Language, zone: string | null, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(TAG[lang], { ...options, ...(zone === null ? {} : { timeZone: zone }) }).format(
    typeof moment === "number" ? moment : Date.parse(moment),
  );
}

const CLOCK: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

/** 14:05 */
export function clockTime(moment: string | number, lang: Language, zone: string | null = null): string {
  return format(moment, lang, zone, CLOCK);
}

/** 14:05:09 */
export function exactTime(moment: string | number, lang: Language, zone: string | null = null): string {
  return format(moment, lang, zone, { ...CLOCK, second: "2-digit" });
}

/** 2026-11-18, whatever the language. */
export function isoDay(moment: string | number, zone: string | null = null): string {
  return new Intl.DateTimeFormat("sv-SE", zone === null ? {} : { timeZone: zone }).format(
    typeof moment === "number" ? moment : Date.parse(moment),
  );
}

/** 14:05 for a moment of today, otherwise with the day before it: 11-20 14:05, or 2027-05-20 14:05 in another year. */
export function dayTime(moment: string, lang: Language, nowMs: number, zone: string | null = null): string {
  const day = isoDay(moment, zone);
  const today = isoDay(nowMs, zone);
  if (day === today) return clockTime(moment, lang, zone);
  const shown = day.slice(0, 4) === today.slice(0, 4) ? day.slice(5) : day;
  return `${shown} ${clockTime(moment, lang, zone)}`;
}

/** 2026-11-18 14:05:09, for proofs. */
export function fullTime(moment: string, lang: Language, zone: string | null = null): string {
  return `${isoDay(moment, zone)} ${exactTime(moment, lang, zone)}`;
}

/** 00:37, or 1:02:03 from an hour on; never negative. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutesAndSeconds = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds < 3_600 ? minutesAndSeconds : `${Math.floor(seconds / 3_600)}:${minutesAndSeconds}`;
}

/** The callee's wall clock where it differs from the viewer's at that moment, else null. */
export function elsewhere(moment: string | number, lang: Language, zone: string | null): string | null {
  if (zone === null) return null;
  const options: Intl.DateTimeFormatOptions = { ...CLOCK, day: "2-digit", month: "2-digit" };
  const there = format(moment, lang, zone, options);
  return there === format(moment, lang, null, options) ? null : clockTime(moment, lang, zone);
}

/** What people call a zone: China Time, 中国时间. */
export function zoneName(zone: string, lang: Language): string {
  const parts = new Intl.DateTimeFormat(TAG[lang], { timeZone: zone, timeZoneName: "longGeneric" }).formatToParts();
  return parts.find((part) => part.type === "timeZoneName")?.value ?? zone;
}
