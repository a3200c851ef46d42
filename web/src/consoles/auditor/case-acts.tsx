import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Modal, Popconfirm } from "antd";
import { useState } from "react";

import { answer, api } from "../../api/client";
import type { CaseRow } from "../../api/models";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n/use-words";
import { MaybeButton } from "../../ui/blocked";
import { isoDay } from "../../ui/time";
import { useNow } from "../../ui/use-now";

import { Because } from "./because";
import { keepFile } from "./keep-file";

/** Cases and holds are asked for again after an act. */
export function useFreshCases(): () => void {
  const queries = useQueryClient();
  return () => {
    void queries.invalidateQueries({ queryKey: ["cases"] });
    void queries.invalidateQueries({ queryKey: ["holds"] });
  };
}

function Copy({ id, answered }: { readonly id: string; readonly answered: boolean }) {
  const { t, say } = useWords();
  const fresh = useFreshCases();
  const [open, setOpen] = useState(false);
  const copy = useMutation({
    mutationFn: () => answer(api.POST("/api/cases/{case}/copy", { params: { path: { case: id } } })),
    onSuccess: fresh,
    // what is kept of somebody stays on the screen no longer than it is looked at
    gcTime: 0,
  });
  const shown = copy.data;
  return (
    <>
      {!answered && (
        <Button size="small" type="primary" onClick={() => setOpen(true)}>
          {t("case.copy")}
        </Button>
      )}
      {open && (
        <Modal
          open
          title={t("case.copyTitle")}
          footer={null}
          width={720}
          onCancel={() => {
            setOpen(false);
            copy.reset();
          }}
        >
          {shown === undefined ? (
            <>
              <p>{t("case.copyHint")}</p>
              {copy.error instanceof Problem && <Alert showIcon type="error" title={say(copy.error.sentence)} />}
              <Button type="primary" loading={copy.isPending} onClick={() => copy.mutate()}>
                {t("case.copyShow")}
              </Button>
            </>
          ) : (
            <>
              <pre className="own-copy">{shown.text}</pre>
              <Button type="primary" onClick={() => keepFile(new Blob([shown.text], { type: "text/plain" }), shown.filename)}>
                {t("case.copyKeep")}
              </Button>
            </>
          )}
        </Modal>
      )}
    </>
  );
}

function Correct({ id }: { readonly id: string }) {
  const { t, say } = useWords();
  const fresh = useFreshCases();
  const [open, setOpen] = useState(false);
  const correct = useMutation({
    mutationFn: (name: string) => answer(api.POST("/api/cases/{case}/correct", { params: { path: { case: id } }, body: { name } })),
    onSuccess: () => {
      setOpen(false);
      fresh();
    },
    gcTime: 0,
  });
  return (
    <>
      <Button size="small" type="primary" onClick={() => setOpen(true)}>
        {t("case.correct")}
      </Button>
      {open && (
        <Modal open title={t("case.correct")} footer={null} onCancel={() => setOpen(false)} destroyOnHidden>
          <Form layout="vertical" onFinish={({ name }: { name: string }) => correct.mutate(name.trim())}>
            <p>{t("case.correctHint")}</p>
            <Form.Item name="name" label={t("case.rightName")} rules={[{ required: true, whitespace: true, message: t("case.nameMissing") }]}>
              <Input maxLength={100} autoFocus autoComplete="off" />
            </Form.Item>
            {correct.error instanceof Problem && <Alert showIcon type="error" title={say(correct.error.sentence)} />}
            <Button type="primary" htmlType="submit" loading={correct.isPending}>
              {t("case.correct")}
            </Button>
          </Form>
        </Modal>
      )}
    </>
  );
}

function Erase({ row }: { readonly row: CaseRow }) {
  const { t, say } = useWords();
  const fresh = useFreshCases();
  const now = useNow();
  const erase = useMutation({
    mutationFn: () => answer(api.POST("/api/cases/{case}/erase", { params: { path: { case: row.id } } })),
    onSettled: fresh,
  });
  const waits = row.waits_until !== null && Date.parse(row.waits_until) > now;
  const why = row.held ? t("case.heldWhy") : row.waits_until === null ? "" : t("case.waitsWhy", { day: isoDay(row.waits_until) });
  return (
    <>
      {row.held || waits ? (
        <MaybeButton size="small" act={null} why={why}>
          {t("case.erase")}
        </MaybeButton>
      ) : (
        <Popconfirm title={t("case.eraseSure")} description={t("case.eraseHint")} okText={t("case.erase")} onConfirm={() => erase.mutate()}>
          <Button size="small" loading={erase.isPending}>
            {t("case.erase")}
          </Button>
        </Popconfirm>
      )}
      {why !== "" && (row.held || waits) && <span className="meta">{why}</span>}
      {erase.error instanceof Problem && <Alert showIcon type="error" title={say(erase.error.sentence)} />}
    </>
  );
}

function Hold({ id }: { readonly id: string }) {
  const { t } = useWords();
  const fresh = useFreshCases();
  const [open, setOpen] = useState(false);
  const hold = useMutation({
    mutationFn: (reason: string) => answer(api.POST("/api/cases/{case}/hold", { params: { path: { case: id } }, body: { reason } })),
    onSuccess: () => {
      setOpen(false);
      fresh();
    },
  });
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t("case.hold")}
      </Button>
      {open && (
        <Because
          title={t("case.hold")}
          hint={t("case.holdHint")}
          act={t("case.hold")}
          busy={hold.isPending}
          error={hold.error}
          done={(reason) => hold.mutate(reason)}
          close={() => setOpen(false)}
        />
      )}
    </>
  );
}

/** What may be done about a request now, the next right act first. */
export function CaseActs({ row }: { readonly row: CaseRow }) {
  const { t } = useWords();
  const open = row.closed_at === null;
  return (
    <div className="acts">
      {/* handing over answers the request: what is shown stays until whoever reads it closes it */}
      {row.kind === "query" && <Copy id={row.id} answered={!open} />}
      {open && row.kind === "correct" && <Correct id={row.id} />}
      {open && row.kind === "delete" && <Erase row={row} />}
      {!row.held && open && <Hold id={row.id} />}
      {!open && <span className="meta">{t("case.answered")}</span>}
    </div>
  );
}
