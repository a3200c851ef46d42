import {
  CheckCircleFilled,
  CheckOutlined,
  ClockCircleFilled,
  DownloadOutlined,
  EyeOutlined,
  FolderAddOutlined,
  ReloadOutlined,
  SafetyCertificateOutlined,
} from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useState } from "react";

import { answer, api } from "../../api/client";
import type { AttemptView } from "../../api/models";
import { Problem } from "../../api/problem";
import { RevealDialog } from "../reveal-dialog";
import { useWords } from "../../i18n/use-words";
import { basket } from "../../trail/basket";
import { verifyHere } from "../../trail/verify-here";
import { MaybeButton } from "../../ui/blocked";
import type { Role } from "../../ui/places";
import { duration, fullTime } from "../../ui/time";
import { useFollowed } from "../../ui/use-store";

import { installationKeys } from "../verify/installation-keys";
import { Outcome } from "../verify/outcome";

import { keepFile } from "./keep-file";

function ProofState({ view }: { readonly view: AttemptView }) {
  const { t, lang } = useWords();
  const { proof, attempt } = view;
  if (!proof.complete || proof.cosigned_at === null) {
    return (
      <p className="proof-state proof-open">
        <ClockCircleFilled aria-hidden /> {proof.signed_at === null ? t("proof.unsigned") : t("proof.uncosigned")}
      </p>
    );
  }
  const last = attempt.sealed_at ?? attempt.ended_at ?? attempt.authorised_at;
  return (
    <p className="proof-state proof-complete">
      <CheckCircleFilled aria-hidden />{" "}
      {t("proof.complete", {
        after: duration(Date.parse(proof.cosigned_at) - Date.parse(last)),
        time: fullTime(proof.cosigned_at, lang),
      })}
    </p>
  );
}

type Shape = "bundle" | "redacted" | "vcon";

const ENDING = { bundle: ".zip", redacted: "-redacted.zip", vcon: ".vcon.json" } as const;

function fetchBundle(attempt: string, shape: Shape): Promise<Blob> {
  const params = { path: { attempt } };
  switch (shape) {
    case "bundle":
      return answer(api.GET("/api/attempts/{attempt}/bundle.zip", { params, parseAs: "blob" }));
    case "redacted":
      return answer(api.GET("/api/attempts/{attempt}/redacted.zip", { params, parseAs: "blob" }));
    case "vcon":
      return answer(api.GET("/api/attempts/{attempt}/vcon.json", { params, parseAs: "blob" }));
  }
}

async function keepBundle(attempt: string, shape: Shape): Promise<void> {
  keepFile(await fetchBundle(attempt, shape), `${attempt}${ENDING[shape]}`);
}

interface Props {
  readonly view: AttemptView;
  readonly role: Role;
  readonly lookAgain: () => void;
}

/** How far the proof has come, and what an auditor may do with it. */
export function ProofPanel({ view, role, lookAgain }: Props) {
  const { t, say } = useWords();
  const [revealing, setRevealing] = useState(false);
  const attempt = view.attempt.id;
  const [here] = useState(verifyHere);
  const verification = useFollowed(here);
  const [turn, setTurn] = useState(0);
  const verify = (): void => {
    setTurn(turn + 1);
    void here.run(async () => new Uint8Array(await (await fetchBundle(attempt, "bundle")).arrayBuffer()), installationKeys);
  };
  const bundle = useMutation({ mutationFn: (shape: Shape) => keepBundle(attempt, shape) });
  const laid = useFollowed(basket).includes(attempt);
  const auditor = role === "auditor";
  const whyNot = t("proof.auditorOnly");
  return (
    <aside className="proof" aria-labelledby="proof-title">
      <h2 id="proof-title">{t("proof.title")}</h2>
      <ProofState view={view} />
      {!view.proof.complete && (
        <Button size="small" icon={<ReloadOutlined />} onClick={lookAgain}>
          {t("proof.lookAgain")}
        </Button>
      )}
      <div className="proof-acts">
        <MaybeButton
          type="primary"
          block
          icon={<SafetyCertificateOutlined />}
          loading={verification.kind === "fetching" || verification.kind === "running"}
          act={auditor ? verify : null}
          why={whyNot}
        >
          {t("proof.verify")}
        </MaybeButton>
        <MaybeButton
          block
          icon={<DownloadOutlined />}
          loading={bundle.isPending && bundle.variables === "bundle"}
          act={auditor ? () => bundle.mutate("bundle") : null}
          why={whyNot}
        >
          {t("proof.download")}
        </MaybeButton>
        <MaybeButton
          block
          icon={<DownloadOutlined />}
          loading={bundle.isPending && bundle.variables === "redacted"}
          act={auditor ? () => bundle.mutate("redacted") : null}
          why={whyNot}
        >
          {t("proof.redacted")}
        </MaybeButton>
        <p className="meta">{t("proof.redactedHint")}</p>
        <MaybeButton
          block
          icon={<DownloadOutlined />}
          loading={bundle.isPending && bundle.variables === "vcon"}
          act={auditor ? () => bundle.mutate("vcon") : null}
          why={whyNot}
        >
          {t("proof.vcon")}
        </MaybeButton>
        <MaybeButton
          block
          icon={<EyeOutlined />}
          act={auditor && !view.person.erased ? () => setRevealing(true) : null}
          why={auditor ? t("person.erased") : whyNot}
        >
          {t("proof.reveal")}
        </MaybeButton>
        {auditor && (
          <Button
            block
            icon={laid ? <CheckOutlined /> : <FolderAddOutlined />}
            aria-pressed={laid}
            onClick={() => basket.send({ type: laid ? "taken" : "put", attempts: [attempt] })}
          >
            {t(laid ? "proof.laid" : "proof.lay")}
          </Button>
        )}
      </div>
      {bundle.error instanceof Problem && <Alert showIcon type="error" title={say(bundle.error.sentence)} />}
      <Outcome state={verification} turn={turn} withAbout={false} />
      <p className="meta mono attempt-id">{attempt}</p>
      {revealing && (
        <RevealDialog
          ask={(reason) => answer(api.POST("/api/attempts/{attempt}/reveal", { params: { path: { attempt: attempt } }, body: { reason } }))}
          close={() => setRevealing(false)}
        />
      )}
    </aside>
  );
}
