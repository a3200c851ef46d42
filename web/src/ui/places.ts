import type { SessionView } from "../api/models";

export type Role = SessionView["user"]["role"];

/** Where each role lands. The administrator's own pages are on the command line; the console shows them the trail's door. */
export function homeOf(role: Role): string {
  switch (role) {
    case "agent":
      return "/desk";
    case "supervisor":
      return "/floor";
    case "auditor":
      return "/calls";
    case "administrator":
      return "/";
  }
}

/** Pages that a role may open, in the order of the bar. */
export function placesOf(role: Role): readonly ("desk" | "floor" | "leads" | "pacing" | "calls")[] {
  switch (role) {
    case "agent":
      return ["desk"];
    case "supervisor":
      return ["floor", "leads", "pacing", "calls"];
    case "auditor":
      return ["calls"];
    case "administrator":
      return [];
  }
}
