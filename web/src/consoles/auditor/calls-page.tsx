import { AudioOutlined, SearchOutlined } from "@ant-design/icons";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button, Input, Table, type TableColumnsType } from "antd";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";

import { answer, api } from "../../api/client";
import type { AttemptRow, FiltersView } from "../../api/models";
import { readFilter, searchBody, withChip, type TrailFilter } from "../../trail/filter";
import { useWords } from "../../i18n/use-words";
import type { Role } from "../../ui/places";
import { Empty, Shown } from "../../ui/states";
import { AttemptStateTag } from "../../ui/tags";
import { dayTime, duration } from "../../ui/time";
import { useNow } from "../../ui/use-now";

import { Chips } from "./chips";

import "./trail.css";

function useSearch(filter: TrailFilter, number: string) {
  return useInfiniteQuery({
    queryKey: ["attempts", filter, number],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      answer(api.POST("/api/attempts/search", { body: { limit: 50, ...searchBody(filter, number, pageParam) } })),
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    // a number that was searched for is not kept when the page is left
    gcTime: number === "" ? 300_000 : 0,
  });
}

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

/** One line to search by, filters as chips, and the attempts: those that were made and those that were not. */
export default function CallsPage({ role }: { readonly role: Role }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams();
  const [number, setNumber] = useState("");
  const filter = readFilter(params);
  const filters = useQuery({ queryKey: ["filters"], queryFn: () => answer(api.GET("/api/attempts/filters")), staleTime: 60_000 });
  const found = useSearch(filter, number);
  const columns = useColumns(filters.data);
  return (
    <div className="trail">
      <div className="filters">
        <h1>{t(role === "auditor" ? "trail.title" : "nav.calls")}</h1>
        <Input.Search
          className="trail-number"
          allowClear
          enterButton={<SearchOutlined aria-label={t("trail.search")} />}
          placeholder={t("trail.searchNumber")}
          aria-label={t("trail.searchNumber")}
          autoComplete="off"
          inputMode="tel"
          maxLength={32}
          onSearch={(text) => setNumber(text)}
        />
        <Chips filter={filter} filters={filters.data} set={(chip, value) => setParams(withChip(params, chip, value), { replace: true })} />
      </div>
      <Shown asked={found} rows={12}>
        {(data) => (
          <>
            <Table<AttemptRow>
              size="small"
              rowKey="id"
              columns={columns}
              dataSource={data.pages.flatMap((page) => page.items)}
              pagination={false}
              loading={found.isPlaceholderData}
              rowClassName="row-link"
              onRow={(row) => ({
                tabIndex: 0,
                role: "link",
                "aria-label": t("trail.open"),
                onClick: () => void navigate(`/calls/${row.id}`),
                onKeyDown: (event) => {
                  if (event.key === "Enter") void navigate(`/calls/${row.id}`);
                },
              })}
              locale={{ emptyText: <Empty>{t("trail.empty")}</Empty> }}
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
