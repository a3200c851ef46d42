import type { Sentence } from "./models";

/** What went wrong with a request, in words for people. `status` 0: no answer came. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly sentence: Sentence;

  constructor(status: number, code: string, sentence: Sentence) {
    super(code);
    this.status = status;
    this.code = code;
    this.sentence = sentence;
  }
}

const NO_ANSWER: Sentence = {
  zh: "没有收到服务器的回应。请检查网络，稍后再试；进行中的通话不受影响。",
  en: "The server did not answer. Check the network and try again; a call in progress goes on.",
};

const NOT_UNDERSTOOD: Sentence = {
  zh: "服务器的回应无法识别。请刷新页面；如仍出现，请联系管理员。",
  en: "The server's answer was not understood. Reload the page; if it happens again, tell the administrator.",
};

/** Nothing came back: the act may or may not have been done. */
export function noAnswer(): Problem {
  return new Problem(0, "no_answer", NO_ANSWER);
}

function isSentence(value: unknown): value is Sentence {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Partial<Sentence>).zh === "string" &&
    typeof (value as Partial<Sentence>).en === "string"
  );
}

/** A problem from an error answer (RFC 9457); an answer of another shape gets a sentence of our own. */
export function problemOf(status: number, body: unknown): Problem {
  if (typeof body === "object" && body !== null) {
    const { code, detail } = body as { code?: unknown; detail?: unknown };
    if (typeof code === "string" && isSentence(detail)) return new Problem(status, code, detail);
  }
  return new Problem(status, "not_understood", NOT_UNDERSTOOD);
}
