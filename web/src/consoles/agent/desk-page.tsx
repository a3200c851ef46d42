import { App } from "antd";
import { lazy, Suspense, useCallback, useContext, useEffect, useRef, useState, useSyncExternalStore } from "react";

import { audioCheckedOn, keepAudioChecked } from "../../desk/audio-check";
import { blocks, type Blocks } from "../../desk/acts";
import { deskLink, type DeskLink } from "../../desk/desk-link";
import { answerByKey } from "../../desk/heard";
import { keptKey, turnOf, type KeptKey } from "../../desk/kept-key";
import { deskKey, typingIn, type DeskKey } from "../../desk/keys";
import { useWords } from "../../i18n/use-words";
import { preferences } from "../../ui/preferences";
import { Failed, Loading } from "../../ui/states";
import { isoDay, productNowMs } from "../../ui/time";
import { useFollowed } from "../../ui/use-store";
import { LineContext } from "../line";

import { ActionBar } from "./action-bar";
import { AudioCheck } from "./audio-check";
import { CallPane } from "./call-pane";
import { CallerPane } from "./caller-pane";
import { IdlePane } from "./idle-pane";
import { Keypad } from "./keypad";
import { Queue } from "./queue";
import { StatusBar } from "./status-bar";
import { TabNotice } from "./tab-notice";
import { TransferDialog } from "./transfer-dialog";
import { WrapUp } from "./wrap-up";

import "./desk.css";

const CallbackDialog = lazy(() => import("./callback-dialog"));

/** The one dialog of the call at hand that is open. `then_dispose`: agreed on from the wrap-up, which it ends. */
type Dialog = "transfer" | "keypad" | "callback" | "callback_then_dispose";

const CALLBACK_AGREED = "callback_agreed";

export default function DeskPage() {
  const [link] = useState(deskLink);
  const line = useContext(LineContext);
  useEffect(() => link.open(), [link]);
  useEffect(
    () =>
      line?.hear((event) => {
        if (event.type === "desk") link.desk.send({ type: "view", view: event.data });
      }),
    [link, line],
  );
  return <OpenDesk link={link} />;
}

function useDeskKeys(onKey: (key: DeskKey) => void): void {
  const { letterKeys } = useFollowed(preferences);
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => {
      const key = deskKey(event, { letterKeys, typing: typingIn(document.activeElement) });
      if (key === null) return;
      event.preventDefault();
      onKey(key);
    };
    addEventListener("keydown", listener);
    return () => removeEventListener("keydown", listener);
  }, [letterKeys, onKey]);
}

function OpenDesk({ link }: { readonly link: DeskLink }) {
  const { say, t } = useWords();
  const { notification } = App.useApp();
  const desk = useFollowed(link.desk);
  const phone = useFollowed(link.phone);
  const tab = useSyncExternalStore(link.tab.subscribe, link.tab.get);
  const [audioChecked, setAudioChecked] = useState(() => audioCheckedOn(isoDay(productNowMs())));
  const [proofOpen, setProofOpen] = useState(false);
  const [checking, setChecking] = useState(false);
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const block = blocks(desk, { phone, audioChecked });
  const { view } = desk;

  useEffect(() => {
    if (desk.trouble === null) return;
    notification.warning({ title: say(desk.trouble), placement: "top" });
    link.desk.send({ type: "trouble_read" });
  });

  const dispose = useCallback(
    (code: string): void => {
      const mustAgree = code === CALLBACK_AGREED && link.desk.get().view?.call?.callback == null;
      if (mustAgree) setDialog("callback_then_dispose");
      else void link.dispose(code);
    },
    [link],
  );
  const kept = useRef<KeptKey | null>(null);
  const onKey = useCallback(
    (key: DeskKey): void => {
      const now = link.desk.get();
      const later = keptKey(key, now);
      if (later !== null) {
        kept.current = later;
        return;
      }
      const possible = blocks(now, { phone: link.phone.get(), audioChecked });
      switch (key.kind) {
        case "refuse":
          if (possible.refuse === null) void link.refuse();
          return;
        case "mute": {
          const state = link.phone.get();
          if (state.kind === "live") link.phone.mute?.(!state.muted);
          return;
        }
        case "end":
          if (possible.end === null) void link.hangUp();
          return;
        case "hold":
          if (possible.hold === null) void link.hold();
          return;
        case "transfer":
          if (possible.transfer === null) setDialog("transfer");
          return;
        case "keypad":
          if (possible.keypad === null) setDialog("keypad");
          return;
        case "callback":
          if (possible.callback === null) setDialog("callback");
          return;
        case "heard": {
          const said = answerByKey(now.view?.call?.heard, key.answer);
          if (said !== null && now.busy === null) void link.answerHeard(said.id, said.answer);
          return;
        }
        case "proof":
          setProofOpen((open) => !open && (now.view?.call?.consent ?? null) !== null);
          return;
        case "dispose": {
          const choice = (now.view?.call ?? now.view?.caller)?.dispositions[key.place - 1];
          if (choice !== undefined && possible.dispose === null) dispose(choice.code);
          return;
        }
      }
    },
    [link, audioChecked, dispose],
  );
  useDeskKeys(onKey);
  useEffect(() => {
    const waiting = kept.current;
    const turn = waiting === null ? "dropped" : turnOf(waiting, desk);
    if (turn === "later") return;
    kept.current = null;
    if (waiting !== null && turn === "now") onKey(waiting.key);
  }, [desk, onKey]);

  const checked = (): void => {
    keepAudioChecked(isoDay(productNowMs()));
    setAudioChecked("today");
    setChecking(false);
    if (link.phone.get().kind === "off" || link.phone.get().kind === "no_microphone") void link.startPhone();
  };

  if (view === null) {
    return desk.failure === null ? <Loading rows={10} /> : <Failed error={desk.failure} again={link.load} />;
  }
  const { call } = view;
  const caller = view.caller ?? null;
  const free = call === null && caller === null;
  const mustCheck = audioChecked === "not_yet" && free;
  return (
    <div className="desk" data-state={view.state}>
      <StatusBar desk={desk} view={view} phone={phone} block={block} link={link} recheck={() => setChecking(true)} />
      {tab === "elsewhere" && <TabNotice takeOver={link.tab.takeOver} />}
      <div className="desk-main">
        <Queue view={view} />
        <section className="desk-work" aria-label={t("desk.work")}>
          {call !== null && (
            <CallPane link={link} desk={desk} call={call} state={view.state} proofOpen={proofOpen} setProofOpen={setProofOpen}>
              {view.state === "wrapping" ? <WrapUp desk={desk} call={call} block={block} dispose={dispose} /> : null}
            </CallPane>
          )}
          {call === null && caller !== null && (
            <CallerPane caller={caller} state={view.state}>
              {view.state === "wrapping" ? <WrapUp desk={desk} call={caller} block={block} dispose={(code) => void link.dispose(code)} /> : null}
            </CallerPane>
          )}
          {free && (mustCheck || checking) && <AudioCheck phone={link.phone} done={checked} />}
          {free && !mustCheck && !checking && <IdlePane view={view} desk={desk} block={block} link={link} />}
        </section>
      </div>
      <ActionBar link={link} desk={desk} phone={phone} block={block} transfer={() => setDialog("transfer")} keypad={() => setDialog("keypad")} callback={() => setDialog("callback")} />
      {call !== null && <Dialogs key={call.attempt_id} dialog={dialog} close={() => setDialog(null)} block={block} link={link} />}
    </div>
  );
}

function Dialogs({
  dialog,
  close,
  block,
  link,
}: {
  readonly dialog: Dialog | null;
  readonly close: () => void;
  readonly block: Blocks;
  readonly link: DeskLink;
}) {
  const { press } = link.phone;
  if (dialog === "transfer") return block.transfer === null ? <TransferDialog link={link} close={close} /> : null;
  if (dialog === "keypad") return block.keypad === null && press !== null ? <Keypad press={press} close={close} /> : null;
  if (dialog === null) return null;
  const agreed = (): void => {
    close();
    if (dialog === "callback_then_dispose") void link.dispose(CALLBACK_AGREED);
  };
  return (
    <Suspense fallback={null}>
      <CallbackDialog link={link} close={close} agreed={agreed} />
    </Suspense>
  );
}
