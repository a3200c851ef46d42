import type { HeardPrompt, HeardView } from "../api/models";

/** What the desk shows first: a question that waits for its answer, else the newest thing to know. */
export function newestOpen(heard: HeardView): HeardPrompt | undefined {
  const asked = heard.prompts.filter((prompt) => prompt.answers.length > 0);
  return asked.at(-1) ?? heard.prompts.findLast((prompt) => prompt.state === "noted");
}

/** The answer that a key gives to a question, or nothing where nothing is asked. */
export function answerByKey(
  heard: HeardView | null | undefined,
  key: "confirm" | "dismiss",
): { readonly id: string; readonly answer: "confirm" | "dismiss" | "seen" } | null {
  const prompt = heard == null ? undefined : newestOpen(heard);
  if (prompt === undefined) return null;
  const wanted = key === "confirm" && prompt.answers.includes("seen") ? "seen" : key;
  return prompt.answers.includes(wanted) ? { id: prompt.id, answer: wanted } : null;
}
