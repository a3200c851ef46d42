import { AudioOutlined } from "@ant-design/icons";
import { Table, type TableColumnsType } from "antd";
import { useNavigate } from "react-router";

import type { AttemptRow, FiltersView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { basket } from "../../trail/basket";
import { Empty } from "../../ui/states";
import { AttemptStateTag } from "../../ui/tags";
import { dayTime, duration } from "../../ui/time";
import { useFollowed } from "../../ui/use-store";
import { useNow } from "../../ui/use-now";

function useColumns(filters: FiltersView | undefined): TableColumnsType<AttemptRow> {
  const { t, say, lang } = useWords();
  const now = useNow();
  const wordsOf = (list: readonly { code: string; sentence: { zh: string; en: string } }[] | undefined, code: string): string => {
    const found = list?.find((choice) => choice.code === code);
    return found === undefined ? t("trail.otherReason") : say(found.sentence);
  };
  return [
    {
      title: t("trail.when"),
      key: "at",
      width: 148,
      className: "figure",
      render: (_, row) => dayTime(row.at, lang, now),
    },
    { title: t("trail.number"), dataIndex: "number", width: 136, className: "figure" },
    { title: t("trail.state"), key: "state", width: 136, render: (_, row) => <AttemptStateTag state={row.state} /> },
    {
      title: t("trail.result"),
      key: "result",
      responsive: ["sm"],
      render: (_, row) => {
        if (row.codes.length > 0) {
          return (
            <span>
              {wordsOf(filters?.codes, row.codes[0] ?? "")}
              {row.codes.length > 1 && <span className="chip">{t("leads.more", { count: row.codes.length - 1 })}</span>}
            </span>
          );
        }
        return row.outcome === null ? "—" : wordsOf(filters?.outcomes, row.outcome);
      },
    },
    { title: t("trail.campaign"), key: "campaign", responsive: ["lg"], ellipsis: true, render: (_, row) => say(row.campaign.name) },
    { title: t("trail.agent"), key: "agent", responsive: ["lg"], width: 120, ellipsis: true, render: (_, row) => row.agent ?? "—" },
    {
      title: t("trail.talk"),
      key: "talk",
      align: "right",
      width: 104,
      className: "figure",
      responsive: ["sm"],
      render: (_, row) => (
        <>
          {row.has_recording && <AudioOutlined role="img" aria-label={t("trail.hasRecording")} />}{" "}
          {row.talk_seconds === null ? "—" : duration(row.talk_seconds * 1_000)}
        </>
      ),
    },
  ];
}

interface Props {
  readonly rows: readonly AttemptRow[];
  readonly filters: FiltersView | undefined;
  readonly loading: boolean;
  /** Rows may be laid aside for a dossier or a comparison. */
  readonly choosing: boolean;
  readonly empty: string;
}

/** Attempts as rows that open; those that were made and those that were not. */
export function AttemptsTable({ rows, filters, loading, choosing, empty }: Props) {
  const { t } = useWords();
  const navigate = useNavigate();
  const columns = useColumns(filters);
  const laid = useFollowed(basket);
  const shown = new Set(rows.map((row) => row.id));
  return (
    <Table<AttemptRow>
      size="small"
      rowKey="id"
      columns={columns}
      dataSource={rows}
      pagination={false}
      loading={loading}
      rowClassName="row-link"
      {...(choosing && {
        rowSelection: {
          columnWidth: 40,
          preserveSelectedRowKeys: true,
          selectedRowKeys: [...laid],
          onChange: (keys) => {
            const chosen = keys.map(String);
            basket.send({ type: "taken", attempts: laid.filter((id) => shown.has(id) && !chosen.includes(id)) });
            basket.send({ type: "put", attempts: chosen });
          },
          getCheckboxProps: () => ({ "aria-label": t("basket.choose") }),
          columnTitle: (all) => <span aria-label={t("basket.chooseAll")}>{all}</span>,
        },
      })}
      onRow={(row) => ({
        tabIndex: 0,
        role: "link",
        "aria-label": t("trail.open"),
        onClick: (event) => {
          // the cell of the tick box is not the way to the page
          if (event.target instanceof Element && event.target.closest(".ant-table-selection-column") !== null) return;
          void navigate(`/calls/${row.id}`);
        },
        onKeyDown: (event) => {
          if (event.key === "Enter" && event.target === event.currentTarget) void navigate(`/calls/${row.id}`);
        },
      })}
      locale={{ emptyText: <Empty>{empty}</Empty> }}
    />
  );
}
