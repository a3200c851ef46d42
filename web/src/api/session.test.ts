import { describe, expect, it } from "vitest";

import { noAnswer, problemOf } from "./problem";
import { reduceSession, type SessionState } from "./session-state";

const IN: SessionState = {
  kind: "in",
  session: {
    csrf: "token",
    has_second_factor: false,
    owes_second_factor: false,
    operates_platform: false,
    expires_at: "2026-11-18T14:00:00Z",
    user: { id: "u", name: "陈晓", role: "agent", locale: "zh", org: { id: "o", name: { zh: "示例", en: "Sample" } } },
  },
};

describe("the session", () => {
  it("that was ended elsewhere says so at the login", () => {
    expect(reduceSession(IN, { type: "lost" })).toEqual({ kind: "out", ended: true });
  });

  it("that was left on purpose does not", () => {
    expect(reduceSession(IN, { type: "left" })).toEqual({ kind: "out", ended: false });
  });

  it("that was never there is not lost", () => {
    expect(reduceSession({ kind: "out", ended: false }, { type: "lost" })).toEqual({ kind: "out", ended: false });
  });

  it("asks for a login when the server knows nobody, and says when the server is away", () => {
    const nobody = problemOf(401, { code: "login.required", detail: { zh: "请先登录", en: "Log in" } });
    expect(reduceSession({ kind: "asking" }, { type: "failed", problem: nobody }).kind).toBe("out");
    expect(reduceSession({ kind: "asking" }, { type: "failed", problem: noAnswer() }).kind).toBe("unreachable");
  });
});

describe("a problem", () => {
  it("carries the server's own words", () => {
    const problem = problemOf(409, { code: "seat.none_free", detail: { zh: "没有空闲", en: "None free" } });
    expect(problem).toMatchObject({ status: 409, code: "seat.none_free", sentence: { zh: "没有空闲", en: "None free" } });
  });

  it.each([null, "<html>", { code: 5 }, { code: "x", detail: "text" }])("that can't be read gets words of our own", (body) => {
    const problem = problemOf(502, body);
    expect(problem.code).toBe("not_understood");
    expect(problem.sentence.zh).not.toBe("");
    expect(problem.sentence.en).not.toBe(problem.sentence.zh);
  });
});
