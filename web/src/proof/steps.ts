import { Fault, Skip } from "./fault";
import type { Check, Ended, Report, Said } from "./report";

type Run<Subject> = ((subject: Subject) => Promise<Said>) | ((subject: Subject) => Promise<void>);

/** Checks in their order: id, the ids of those that each stands on, the check itself. */
export type Steps<Subject, Id extends string = string> = readonly (readonly [Id, readonly Id[], Run<Subject>])[];

async function endOf<Subject, Id extends string>(run: Run<Subject>, subject: Subject): Promise<Ended<Id>> {
  try {
    return { outcome: "pass", said: (await run(subject)) ?? null };
  } catch (error) {
    if (error instanceof Skip) return { outcome: "skip", why: error.why };
    if (error instanceof Fault) return { outcome: "fail", code: error.code, where: error.where, about: error.about };
    // whatever the verifier stumbles over was not verified
    return { outcome: "fail", code: "broken", where: {}, about: {} };
  }
}

/** Run them one after the other; what stands on a check that failed or was unreached is unreached. Never throws. */
export async function runSteps<Subject, Id extends string>(
  steps: Steps<Subject, Id>,
  subject: Subject,
  tick: (check: Check<Id>) => void,
): Promise<readonly Check<Id>[]> {
  const done = new Map<Id, Ended<Id>>();
  for (const [id, needs, run] of steps) {
    const because = needs.find((need) => ["fail", "unreached"].includes(done.get(need)?.outcome ?? ""));
    const ended = because === undefined ? await endOf<Subject, Id>(run, subject) : ({ outcome: "unreached", because } as const);
    done.set(id, ended);
    tick({ id, ended });
  }
  return [...done].map(([id, ended]) => ({ id, ended }));
}

/** 0: holds under the reader's own keys; 1: something fails; 3: consistent, but nobody's keys were pinned. */
export function exitCodeOf<Id extends string>(checks: readonly Check<Id>[], pinned: object | null): Report<Id>["exitCode"] {
  if (checks.some(({ ended }) => ended.outcome === "fail")) return 1;
  return pinned === null ? 3 : 0;
}
