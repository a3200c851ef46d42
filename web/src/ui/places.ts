import type { SessionView } from "../api/models";

export type Role = SessionView["user"]["role"];

/** Where each role lands. */
export function homeOf(role: Role): string {
  switch (role) {
    case "agent":
      return "/desk";
    case "supervisor":
      return "/floor";
    case "auditor":
      return "/calls";
    case "administrator":
      return "/people";
  }
}

/** A page of the bar. */
type Place =
  | "desk"
  | "floor"
  | "campaigns"
  | "leads"
  | "why"
  | "pacing"
  | "calls"
  | "inbound"
  | "refusals"
  | "samples"
  | "dossiers"
  | "cases"
  | "log"
  | "verify"
  | "reports" | "people"
  | "registers"
  | "webhooks"
  | "organisations"
  | "operations";

/** Pages that a person may open, in the order of the bar. */
export function placesOf({ user: { role }, operates_platform }: SessionView): readonly Place[] {
  switch (role) {
    case "agent":
      return ["desk"];
    case "supervisor":
      return ["floor", "campaigns", "leads", "why", "pacing", "calls", "inbound", "refusals", "reports", "registers", "operations"];
    case "auditor":
      return ["calls", "inbound", "refusals", "why", "samples", "dossiers", "cases", "log", "reports", "registers", "verify"];
    case "administrator":
      return ["people", "refusals", "registers", "dossiers", "webhooks", ...(operates_platform ? (["organisations"] as const) : []), "operations"];
  }
}
