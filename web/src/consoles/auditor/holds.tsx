import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Table, type TableColumnsType } from "antd";
import { useState } from "react";

import { answer, api } from "../../api/client";
import type { HoldRow } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { Empty, Shown } from "../../ui/states";
import { fullTime } from "../../ui/time";

import { Because } from "./because";
import { useFreshCases } from "./case-acts";

/** Legal holds in force: while one stands, nothing of that person is erased or purged. */
export function Holds() {
  const { t, lang } = useWords();
  const fresh = useFreshCases();
  const [lifting, setLifting] = useState<string | null>(null);
  const holds = useQuery({ queryKey: ["holds"], queryFn: () => answer(api.GET("/api/holds")) });
  const lift = useMutation({
    mutationFn: ({ hold, reason }: { readonly hold: string; readonly reason: string }) =>
      answer(api.POST("/api/holds/{hold}/lift", { params: { path: { hold } }, body: { reason } })),
    onSuccess: () => {
      setLifting(null);
      fresh();
    },
  });
  const columns: TableColumnsType<HoldRow> = [
    { title: t("trail.number"), dataIndex: "number", width: 136, className: "figure" },
    { title: t("hold.since"), key: "since", className: "figure", render: (_, row) => fullTime(row.since, lang) },
    { title: t("hold.by"), dataIndex: "by", responsive: ["sm"] },
    {
      title: t("dossier.acts"),
      key: "acts",
      render: (_, row) => (
        <Button size="small" onClick={() => setLifting(row.id)}>
          {t("hold.lift")}
        </Button>
      ),
    },
  ];
  return (
    <section className="holds" aria-labelledby="holds-title">
      <h2 id="holds-title">{t("hold.title")}</h2>
      <p className="meta">{t("hold.promise")}</p>
      <Shown asked={holds} rows={3}>
        {({ items }) => (
          <Table<HoldRow>
            size="small"
            rowKey="id"
            columns={columns}
            dataSource={items}
            pagination={false}
            locale={{ emptyText: <Empty>{t("hold.none")}</Empty> }}
          />
        )}
      </Shown>
      {lifting !== null && (
        <Because
          title={t("hold.lift")}
          hint={t("hold.liftHint")}
          act={t("hold.lift")}
          busy={lift.isPending}
          error={lift.error}
          done={(reason) => lift.mutate({ hold: lifting, reason })}
          close={() => setLifting(null)}
        />
      )}
    </section>
  );
}
