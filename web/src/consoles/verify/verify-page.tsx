import { useId, useState, type DragEvent, type ReactNode } from "react";

import type { Bytes } from "../../proof/bytes";
import { useWords } from "../../i18n/use-words";
import { verifyHere } from "../../trail/verify-here";
import { useFollowed } from "../../ui/use-store";

import { Outcome } from "./outcome";

import "./verify.css";

/** Beyond this a browser can't hold the file; the command line can. */
const FILE_BYTES_MAX = 2_000_000_000;
const OPENING_BRACE = 0x7b;

/** Whose keys a file is held against. */
type Keys = "installation" | "reader" | "own";

interface Props {
  /** Where this installation's own keys come from; null where there is no installation to ask. */
  readonly installation: (() => Promise<Bytes>) | null;
  /** What stands below. */
  readonly children?: ReactNode;
}

async function bytesOf(file: File): Promise<Bytes> {
  return new Uint8Array(await file.arrayBuffer());
}

async function looksLikeKeys(file: File): Promise<boolean> {
  return file.size < 1_000_000 && new Uint8Array(await file.slice(0, 1).arrayBuffer())[0] === OPENING_BRACE;
}

/** Any bundle or dossier, dropped here and verified here: the file does not leave this computer. */
export default function VerifyPage({ installation, children }: Props) {
  const { t } = useWords();
  const [here] = useState(verifyHere);
  const state = useFollowed(here);
  const [turn, setTurn] = useState(0);
  const [file, setFile] = useState<File | null>(null);
  const [trust, setTrust] = useState<File | null>(null);
  const [keys, setKeys] = useState<Keys>(installation === null ? "own" : "installation");
  const [over, setOver] = useState(false);
  const [tooLarge, setTooLarge] = useState(false);
  const group = useId();

  const verify = (which: File | null, by: Keys, own: File | null): void => {
    if (which === null) return;
    setTooLarge(which.size > FILE_BYTES_MAX);
    if (which.size > FILE_BYTES_MAX) return;
    setTurn((before) => before + 1);
    const from = { installation, reader: own === null ? null : () => bytesOf(own), own: null }[by];
    void here.run(() => bytesOf(which), from);
  };
  const take = async (files: readonly File[]): Promise<void> => {
    let [chosen, by, own] = [file, keys, trust];
    for (const one of files) {
      if (await looksLikeKeys(one)) [own, by] = [one, "reader"];
      else chosen = one;
    }
    setFile(chosen);
    setTrust(own);
    setKeys(by);
    verify(chosen, by, own);
  };
  const choose = (by: Keys): void => {
    setKeys(by);
    if (by !== "reader" || trust !== null) verify(file, by, trust);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    void take([...event.dataTransfer.files]);
  };
  const offered: readonly Keys[] = installation === null ? ["own", "reader"] : ["installation", "reader", "own"];
  return (
    <div className="verify-page">
      <h1>{t("here.title")}</h1>
      <p className="meta">{t("here.promise")}</p>
      <label
        className={`drop ${over ? "drop-over" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <input
          type="file"
          className="unseen"
          multiple
          accept=".zip,.json"
          onChange={(event) => {
            void take([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
        <strong>{file === null ? t("here.drop") : file.name}</strong>
        <span className="meta">{file === null ? t("here.dropHint") : t("here.dropOther")}</span>
      </label>
      <fieldset className="keys">
        <legend>{t("here.keys.title")}</legend>
        {offered.map((by) => (
          <label key={by}>
            <input type="radio" name={group} checked={keys === by} onChange={() => choose(by)} />
            <span>
              {t(`here.keys.${by}`)}
              <span className="meta">{t(`here.keys.${by}Hint`)}</span>
              {by === "reader" && trust !== null && <span className="meta mono">{trust.name}</span>}
            </span>
          </label>
        ))}
      </fieldset>
      {keys === "reader" && trust === null && <p className="strip strip-attention">{t("here.keys.missing")}</p>}
      {tooLarge && (
        <p className="strip strip-stop" role="alert">
          {t("here.tooLarge")}
        </p>
      )}
      <div className="verify-outcome">
        <Outcome state={state} turn={turn} withAbout />
      </div>
      {children}
    </div>
  );
}
