import { Modal } from "antd";
import { useEffect, useState } from "react";

import { useWords } from "../../i18n/use-words";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"] as const;
const SENT_SHOWN_MAX = 24;

/** Keys for the menus of whoever was called. What was sent stands here and nowhere else. */
export function Keypad({ press, close }: { readonly press: (key: string) => void; readonly close: () => void }) {
  const { t } = useWords();
  const [sent, setSent] = useState("");
  const send = (key: string): void => {
    press(key);
    setSent((before) => `${before}${key}`.slice(-SENT_SHOWN_MAX));
  };
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || !/^[0-9*#]$/.test(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      send(event.key);
    };
    addEventListener("keydown", listener, { capture: true });
    return () => removeEventListener("keydown", listener, { capture: true });
  });
  return (
    <Modal open title={t("keypad.title")} onCancel={close} footer={null} width={300}>
      <p className="meta">{t("keypad.hint")}</p>
      <output className="keypad-sent figure" aria-label={t("keypad.sent")}>
        {sent === "" ? <span className="meta">{t("keypad.none")}</span> : sent}
      </output>
      <div className="keypad">
        {KEYS.map((key) => (
          <button key={key} type="button" className="keypad-key" aria-label={t("keypad.key", { key })} onClick={() => send(key)}>
            {key}
          </button>
        ))}
      </div>
    </Modal>
  );
}
