import { DownloadOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Radio, Table, type TableColumnsType } from "antd";

import { answer, api } from "../../api/client";
import type { DossierRow, DossierShape } from "../../api/models";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n/use-words";
import { basket } from "../../trail/basket";
import { MaybeButton } from "../../ui/blocked";
import { Empty, Shown } from "../../ui/states";
import { dayTime, fullTime } from "../../ui/time";
import { useFollowed } from "../../ui/use-store";
import { useNow } from "../../ui/use-now";

import "./trail.css";
import "./audit.css";

const REASON_CHARACTERS_MIN = 5;
const REASON_CHARACTERS_MAX = 500;
const SHAPES = ["redacted", "whole"] as const satisfies readonly DossierShape[];

function useFresh(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: ["dossiers"] });
}

function Ask() {
  const { t, say } = useWords();
  const laid = useFollowed(basket);
  const fresh = useFresh();
  const ask = useMutation({
    mutationFn: ({ shape, reason }: { readonly shape: DossierShape; readonly reason: string }) =>
      answer(api.POST("/api/dossiers", { body: { attempts: [...laid], shape, reason: reason.trim() } })),
    onSuccess: () => {
      basket.send({ type: "emptied" });
      fresh();
    },
  });
  return (
    <section className="card" aria-labelledby="ask-title">
      <h2 id="ask-title">{t("dossier.ask")}</h2>
      {laid.length === 0 ? (
        <p className="meta">{t("dossier.basketEmpty")}</p>
      ) : (
        <Form
          layout="vertical"
          initialValues={{ shape: "redacted", reason: "" }}
          onFinish={(asked: { shape: DossierShape; reason: string }) => ask.mutate(asked)}
        >
          <p>
            <strong>{t("basket.count", { count: laid.length })}</strong>
          </p>
          <Form.Item name="shape" label={t("dossier.shape")}>
            <Radio.Group
              options={SHAPES.map((value) => ({
                value,
                label: (
                  <>
                    {t(`dossier.shapes.${value}`)} <span className="meta">{t(`dossier.shapes.${value}Hint`)}</span>
                  </>
                ),
              }))}
              vertical
            />
          </Form.Item>
          <Form.Item
            name="reason"
            label={t("because.reason")}
            rules={[{ required: true, whitespace: true, min: REASON_CHARACTERS_MIN, message: t("reveal.reasonShort") }]}
          >
            <Input.TextArea rows={2} maxLength={REASON_CHARACTERS_MAX} />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={ask.isPending}>
            {t("dossier.send")}
          </Button>
        </Form>
      )}
      {ask.isSuccess && <Alert showIcon type="success" title={t(`dossier.asked.${ask.data.state}`)} />}
      {ask.error instanceof Problem && <Alert showIcon type="error" title={say(ask.error.sentence)} />}
    </section>
  );
}

function Acts({ row, mayFetch }: { readonly row: DossierRow; readonly mayFetch: boolean }) {
  const { t, say } = useWords();
  const fresh = useFresh();
  const params = { path: { dossier: row.id } };
  const judge = useMutation({
    mutationFn: (verdict: "agree" | "decline") =>
      verdict === "agree"
        ? answer(api.POST("/api/dossiers/{dossier}/agree", { params: params }))
        : answer(api.POST("/api/dossiers/{dossier}/decline", { params: params })),
    onSettled: fresh,
  });
  return (
    <div className="acts">
      {row.state === "waiting" && (
        <>
          <MaybeButton size="small" type="primary" loading={judge.isPending} act={row.may_judge ? () => judge.mutate("agree") : null} why={t("dossier.another")}>
            {t("dossier.agree")}
          </MaybeButton>
          <MaybeButton size="small" act={row.may_judge ? () => judge.mutate("decline") : null} why={t("dossier.another")}>
            {t("dossier.decline")}
          </MaybeButton>
        </>
      )}
      {row.state === "agreed" &&
        (mayFetch ? (
          // the file goes to the disk piece by piece; a page would have to hold it whole
          <Button size="small" icon={<DownloadOutlined />} href={`/api/dossiers/${encodeURIComponent(row.id)}/dossier.zip`} download={`dossier-${row.id}.zip`}>
            {t("dossier.download")}
          </Button>
        ) : (
          <span className="meta">{t("dossier.auditorFetches")}</span>
        ))}
      {row.state === "declined" && <span className="meta narrow-only">{t("dossier.states.declined")}</span>}
      {judge.error instanceof Problem && <Alert showIcon type="error" title={say(judge.error.sentence)} />}
    </div>
  );
}

function useColumns(mayFetch: boolean): TableColumnsType<DossierRow> {
  const { t, say, lang } = useWords();
  const now = useNow();
  return [
    { title: t("dossier.askedAt"), key: "at", width: 140, className: "figure", render: (_, row) => dayTime(row.asked_at, lang, now) },
    { title: t("dossier.askedBy"), key: "by", width: 120, ellipsis: true, responsive: ["sm"], render: (_, row) => say(row.asked_by.name) },
    {
      title: t("dossier.content"),
      key: "content",
      render: (_, row) => (
        <>
          {t("dossier.counts", { attempts: row.attempts, people: row.people })} <span className="chip">{t(`dossier.shapes.${row.shape}`)}</span>
          <span className="meta dossier-reason">
            <span className="narrow-only">{say(row.asked_by.name)}</span>
            {row.reason}
          </span>
        </>
      ),
    },
    {
      title: t("dossier.state"),
      key: "state",
      responsive: ["sm"],
      render: (_, row) => (
        <>
          <span className={`chip dossier-${row.state}`}>{t(`dossier.states.${row.state}`)}</span>
          {row.judged_by !== null && row.judged_at !== null && (
            <span className="meta">
              {" "}
              {say(row.judged_by.name)} · {fullTime(row.judged_at, lang)}
            </span>
          )}
        </>
      ),
    },
    { title: t("dossier.acts"), key: "acts", render: (_, row) => <Acts row={row} mayFetch={mayFetch} /> },
  ];
}

/** Many calls as one signed file: asked for with a reason, agreed to by a second person over 20 people, fetched. */
export default function DossierPage({ mayFetch }: { readonly mayFetch: boolean }) {
  const { t } = useWords();
  const columns = useColumns(mayFetch);
  const rows = useQuery({ queryKey: ["dossiers"], queryFn: () => answer(api.GET("/api/dossiers")), refetchInterval: 20_000 });
  return (
    <div className="trail audit">
      <h1>{t("dossier.title")}</h1>
      <p className="meta">{t("dossier.promise")}</p>
      {!mayFetch && <p className="meta">{t("dossier.yourPart")}</p>}
      {mayFetch && <Ask />}
      <Shown asked={rows} rows={6}>
        {({ items }) => (
          <Table<DossierRow>
            size="small"
            rowKey="id"
            columns={columns}
            dataSource={items}
            pagination={false}
            locale={{ emptyText: <Empty>{t("dossier.none")}</Empty> }}
          />
        )}
      </Shown>
    </div>
  );
}
