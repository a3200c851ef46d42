import { csrfToken, sessionLost } from "./client";
import type { ImportView } from "./models";
import { noAnswer, problemOf } from "./problem";

const ALL = 100;

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Sends a list of leads and tells how much of it has left; the answer is the report of what became of each row.
 *
 * @throws Problem with the server's own words, or `no_answer` when none came.
 */
export function uploadList(campaign: string, file: File, progress: (percent: number) => void): Promise<ImportView> {
  return new Promise((resolve, reject) => {
    // fetch tells nothing of a body that is on its way
    const request = new XMLHttpRequest();
    request.open("POST", `/api/imports?${new URLSearchParams({ campaign }).toString()}`);
    request.setRequestHeader("X-CSRF", csrfToken());
    request.upload.addEventListener("progress", ({ loaded, total }) => progress(Math.floor((loaded * ALL) / Math.max(1, total))));
    request.upload.addEventListener("load", () => progress(ALL));
    request.addEventListener("error", () => reject(noAnswer()));
    request.addEventListener("load", () => {
      const body = json(request.responseText);
      if (request.status === 200 && body !== null) {
        resolve(body as ImportView);
        return;
      }
      const problem = problemOf(request.status, body);
      if (problem.status === 401) sessionLost();
      reject(problem);
    });
    const form = new FormData();
    form.set("file", file);
    request.send(form);
  });
}
