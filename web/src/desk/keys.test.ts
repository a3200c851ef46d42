import { describe, expect, it } from "vitest";

import { deskKey, type DeskKey } from "./keys";

const KEY = { key: "", code: "", ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, repeat: false };
const OUTSIDE = { letterKeys: "on", typing: "outside" } as const;

function press(over: Partial<typeof KEY>, where: Parameters<typeof deskKey>[1] = OUTSIDE): DeskKey | null {
  return deskKey({ ...KEY, ...over }, where);
}

const REFUSE = { code: "KeyR", key: "r", ctrlKey: true, altKey: true };

describe("the keys of the desk", () => {
  it("refuse by Ctrl+Alt+R anywhere, also while typing and with letter keys off", () => {
    expect(press(REFUSE)).toEqual({ kind: "refuse" });
    expect(press(REFUSE, { letterKeys: "off", typing: "in_text" })).toEqual({ kind: "refuse" });
  });

  it("refuse also where the layout writes another character with Ctrl+Alt", () => {
    expect(press({ ...REFUSE, key: "®" })).toEqual({ kind: "refuse" });
  });

  it("don't refuse by half of the combination, nor by a key that repeats", () => {
    expect(press({ ...REFUSE, altKey: false })).toBeNull();
    expect(press({ ...REFUSE, ctrlKey: false })).toBeNull();
    expect(press({ ...REFUSE, repeat: true })).toBeNull();
  });

  it("take letters and digits outside text fields only", () => {
    expect(press({ code: "KeyM", key: "m" })).toEqual({ kind: "mute" });
    expect(press({ code: "KeyM", key: "m" }, { letterKeys: "on", typing: "in_text" })).toBeNull();
    expect(press({ code: "Digit3", key: "3" })).toEqual({ kind: "dispose", place: 3 });
    expect(press({ code: "Digit3", key: "3" }, { letterKeys: "on", typing: "in_text" })).toBeNull();
  });

  it("open the keypad and the booking of a callback, but not while typing", () => {
    expect(press({ code: "KeyK", key: "k" })).toEqual({ kind: "keypad" });
    expect(press({ code: "KeyB", key: "b" })).toEqual({ kind: "callback" });
    expect(press({ code: "KeyK", key: "k" }, { letterKeys: "on", typing: "in_text" })).toBeNull();
  });

  it("can be switched off", () => {
    expect(press({ code: "KeyE", key: "e" })).toEqual({ kind: "end" });
    expect(press({ code: "KeyE", key: "e" }, { letterKeys: "off", typing: "outside" })).toBeNull();
  });

  it("leave the browser's own combinations alone", () => {
    expect(press({ code: "KeyM", key: "m", ctrlKey: true })).toBeNull();
    expect(press({ code: "KeyE", key: "e", metaKey: true })).toBeNull();
    expect(press({ code: "Digit0", key: "0" })).toBeNull();
  });
});
