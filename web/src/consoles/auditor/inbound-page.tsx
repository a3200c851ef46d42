import { AudioOutlined } from "@ant-design/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Table, type TableColumnsType } from "antd";
import { useNavigate } from "react-router";

import { answer, api } from "../../api/client";
import type { InboundRow } from "../../api/models";
import { inboundOutcome } from "../../trail/inbound";
import { useWords } from "../../i18n/use-words";
import { Empty, Shown } from "../../ui/states";
import { InboundOutcomeTag } from "../../ui/tags";
import { dayTime, duration } from "../../ui/time";
import { useNow } from "../../ui/use-now";

import "./trail.css";

function useColumns(): TableColumnsType<InboundRow> {
  const { t, lang } = useWords();
  const now = useNow();
  return [
    { title: t("trail.when"), key: "at", width: 148, className: "figure", render: (_, row) => dayTime(row.at, lang, now) },
    { title: t("trail.number"), key: "number", width: 136, className: "figure", render: (_, row) => row.number ?? (row.state === "under_way" ? "—" : t("inbound.noNumber")) },
    {
      title: t("inbound.outcome"),
      key: "outcome",
      render: (_, row) => <InboundOutcomeTag outcome={inboundOutcome(row)} />,
    },
    { title: t("trail.agent"), key: "agent", width: 120, ellipsis: true, responsive: ["sm"], render: (_, row) => row.agent ?? "—" },
    { title: t("inbound.line"), dataIndex: "line", width: 136, className: "figure", responsive: ["lg"] },
    {
      title: t("inbound.length"),
      key: "seconds",
      align: "right",
      width: 104,
      className: "figure",
      responsive: ["sm"],
      render: (_, row) => (
        <>
          {row.has_recording && <AudioOutlined role="img" aria-label={t("trail.hasRecording")} />}{" "}
          {row.seconds === null ? "—" : duration(row.seconds * 1_000)}
        </>
      ),
    },
  ];
}

/** Calls that people made to our numbers, newest first; each opens its page with recording and proof. */
export default function InboundPage() {
  const { t } = useWords();
  const navigate = useNavigate();
  const columns = useColumns();
  const found = useInfiniteQuery({
    queryKey: ["inbound"],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) => answer(api.GET("/api/inbound", { params: { query: pageParam === null ? {} : { after: pageParam } } })),
    getNextPageParam: (page) => page.next,
    refetchInterval: 10_000,
  });
  return (
    <div className="trail">
      <div className="filters">
        <h1>{t("inbound.title")}</h1>
      </div>
      <p className="meta trail-mean">{t("inbound.mean")}</p>
      <Shown asked={found} rows={10}>
        {(data) => (
          <>
            <Table<InboundRow>
              rowKey="id"
              size="middle"
              pagination={false}
              columns={columns}
              dataSource={data.pages.flatMap((page) => page.items)}
              locale={{ emptyText: <Empty>{t("inbound.empty")}</Empty> }}
              onRow={(row) => ({
                tabIndex: 0,
                role: "link",
                className: "opens",
                onClick: () => void navigate(`/inbound/${row.id}`),
                onKeyDown: (event) => {
                  if (event.key === "Enter") void navigate(`/inbound/${row.id}`);
                },
              })}
            />
            {found.hasNextPage && (
              <Button className="more" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                {t("more")}
              </Button>
            )}
          </>
        )}
      </Shown>
    </div>
  );
}
