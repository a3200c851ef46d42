import {
  CheckCircleFilled,
  ClockCircleFilled,
  CloseCircleFilled,
  DownloadOutlined,
  EyeOutlined,
  ReloadOutlined,
  SafetyCertificateOutlined,
} from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Modal } from "antd";
import { useState } from "react";

import { answer, api } from "../../api/client";
import type { AttemptView, VerifyView } from "../../api/models";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n/use-words";
import { MaybeButton } from "../../ui/blocked";
import type { Role } from "../../ui/places";
import { duration, fullTime } from "../../ui/time";

import { Checks } from "./checks";

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

function VerifyVerdict({ outcome }: { readonly outcome: VerifyView }) {
  const { t } = useWords();
  const failed = outcome.checks.filter((check) => !check.passed).length;
  const words = outcome.passed
    ? t(outcome.signer_pinned ? "verify.passed" : "verify.consistent", { count: outcome.checks.length })
    : t("verify.failed", { count: failed });
  return (
    <p className={`verify-verdict ${outcome.passed ? "proof-complete" : "proof-failed"}`} role="status">
      {outcome.passed ? <CheckCircleFilled aria-hidden /> : <CloseCircleFilled aria-hidden />} {words}
    </p>
  );
}

async function keepBundle(attempt: string): Promise<void> {
  const content = await answer(
    api.GET("/api/attempts/{attempt}/bundle.zip", { params: { path: { attempt } }, parseAs: "blob" }),
  );
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = `${attempt}.zip`;
  link.click();
  URL.revokeObjectURL(url);
}

const REASON_CHARACTERS_MIN = 5;
const REASON_CHARACTERS_MAX = 500;

function Reveal({ attempt, close }: { readonly attempt: string; readonly close: () => void }) {
  const { t, say, lang } = useWords();
  const reveal = useMutation({
    mutationFn: (reason: string) =>
      answer(api.POST("/api/attempts/{attempt}/reveal", { params: { path: { attempt } }, body: { reason } })),
    gcTime: 0,
  });
  return (
    <Modal open title={t("reveal.title")} onCancel={close} footer={null} destroyOnHidden>
      {reveal.data === undefined ? (
        <Form layout="vertical" onFinish={({ reason }: { reason: string }) => reveal.mutate(reason.trim())}>
          <p>{t("reveal.logged")}</p>
          <Form.Item
            name="reason"
            label={t("reveal.reason")}
            rules={[{ required: true, whitespace: true, min: REASON_CHARACTERS_MIN, message: t("reveal.reasonShort") }]}
          >
            <Input.TextArea rows={3} maxLength={REASON_CHARACTERS_MAX} autoFocus />
          </Form.Item>
          {reveal.error instanceof Problem && <Alert showIcon type="error" title={say(reveal.error.sentence)} />}
          <Button type="primary" htmlType="submit" loading={reveal.isPending}>
            {t("reveal.show")}
          </Button>
        </Form>
      ) : (
        <>
          <p className="figure matters revealed">{reveal.data.number}</p>
          <p className="meta">{t("reveal.done", { seq: reveal.data.leaf_seq, time: fullTime(reveal.data.at, lang) })}</p>
        </>
      )}
    </Modal>
  );
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
  const verify = useMutation({
    mutationFn: () => answer(api.POST("/api/attempts/{attempt}/verify", { params: { path: { attempt } } })),
  });
  const bundle = useMutation({ mutationFn: () => keepBundle(attempt) });
  const auditor = role === "auditor";
  const whyNot = t("proof.auditorOnly");
  const failed = [verify.error, bundle.error].find((error) => error instanceof Problem);
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
          loading={verify.isPending}
          act={auditor ? () => verify.mutate() : null}
          why={whyNot}
        >
          {t("proof.verify")}
        </MaybeButton>
        <MaybeButton
          block
          icon={<DownloadOutlined />}
          loading={bundle.isPending}
          act={auditor ? () => bundle.mutate() : null}
          why={whyNot}
        >
          {t("proof.download")}
        </MaybeButton>
        <MaybeButton
          block
          icon={<EyeOutlined />}
          act={auditor && !view.person.erased ? () => setRevealing(true) : null}
          why={auditor ? t("person.erased") : whyNot}
        >
          {t("proof.reveal")}
        </MaybeButton>
      </div>
      {failed !== undefined && <Alert showIcon type="error" title={say((failed).sentence)} />}
      {verify.data !== undefined && (
        <>
          <VerifyVerdict outcome={verify.data} />
          <Checks key={verify.submittedAt} checks={verify.data.checks} />
        </>
      )}
      <p className="meta mono attempt-id">{attempt}</p>
      {revealing && <Reveal attempt={attempt} close={() => setRevealing(false)} />}
    </aside>
  );
}
