/** What a key means on the desk. Letters and digits act outside text fields only and can be switched off (WCAG 2.1.4). */
export type DeskKey =
  | { readonly kind: "refuse" }
  | { readonly kind: "mute" }
  | { readonly kind: "end" }
  | { readonly kind: "proof" }
  | { readonly kind: "hold" }
  | { readonly kind: "transfer" }
  | { readonly kind: "keypad" }
  | { readonly kind: "callback" }
  | { readonly kind: "heard"; readonly answer: "confirm" | "dismiss" }
  | { readonly kind: "dispose"; readonly place: number };

interface Pressed {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  readonly metaKey: boolean;
  readonly repeat: boolean;
}

export function deskKey(
  pressed: Pressed,
  where: { readonly letterKeys: "on" | "off"; readonly typing: "in_text" | "outside" },
): DeskKey | null {
  if (pressed.repeat) return null;
  // the code, not the key: Ctrl+Alt writes another character on many layouts
  if (pressed.ctrlKey && pressed.altKey && !pressed.metaKey && pressed.code === "KeyR") return { kind: "refuse" };
  if (pressed.ctrlKey || pressed.altKey || pressed.metaKey || pressed.shiftKey) return null;
  if (where.letterKeys === "off" || where.typing === "in_text") return null;
  switch (pressed.code) {
    case "KeyM":
      return { kind: "mute" };
    case "KeyE":
      return { kind: "end" };
    case "KeyH":
      return { kind: "hold" };
    case "KeyT":
      return { kind: "transfer" };
    case "KeyK":
      return { kind: "keypad" };
    case "KeyB":
      return { kind: "callback" };
    case "KeyY":
      return { kind: "heard", answer: "confirm" };
    case "KeyN":
      return { kind: "heard", answer: "dismiss" };
    case "KeyP":
      return { kind: "proof" };
    default:
      return /^[1-9]$/.test(pressed.key) ? { kind: "dispose", place: Number(pressed.key) } : null;
  }
}

const TEXT_ROLES = new Set(["textbox", "searchbox", "combobox", "spinbutton"]);

/** Whether typing goes into a text field. */
export function typingIn(element: Element | null): "in_text" | "outside" {
  if (element === null) return "outside";
  const isField = ["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName) && !isTick(element);
  const role = element.getAttribute("role");
  return isField || (role !== null && TEXT_ROLES.has(role)) || (element as HTMLElement).isContentEditable
    ? "in_text"
    : "outside";
}

function isTick(element: Element): boolean {
  return ["checkbox", "radio"].includes(element.getAttribute("type") ?? "");
}
