import type { FaultCode, SkipCode } from "./codes";

/** Where a fault lies, as far as known: the file in the bundle, bytes [start, end) of the ZIP, the leaf. */
export interface Where {
  readonly file?: string;
  readonly start?: number;
  readonly end?: number;
  readonly leaf?: number;
}

/** What a sentence is about: names of the format and counts, never personal data. */
export type About = Readonly<Record<string, string | number>>;

/** A check does not hold. */
export class Fault extends Error {
  constructor(
    readonly code: FaultCode,
    readonly where: Where = {},
    readonly about: About = {},
  ) {
    super(code);
  }
}

/** A check has nothing to look at, for a reason that is no fault. */
export class Skip extends Error {
  constructor(readonly why: SkipCode) {
    super(why);
  }
}
