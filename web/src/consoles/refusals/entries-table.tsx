import { EyeOutlined, UploadOutlined } from "@ant-design/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Input, Table, type TableColumnsType } from "antd";
import { useState } from "react";
import { Link } from "react-router";

import { answer, api } from "../../api/client";
import type { DncEntryRow } from "../../api/models";
import { RevealDialog } from "../reveal-dialog";
import { useWords } from "../../i18n/use-words";
import { OnTelephone } from "../../ui/on-telephone";
import type { Role } from "../../ui/places";
import { Empty, Shown } from "../../ui/states";
import { exactTime, isoDay } from "../../ui/time";

import { RefusalImport } from "./refusal-import";

function useEntries(number: string) {
  return useInfiniteQuery({
    queryKey: ["refusals", number],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      answer(
        api.POST("/api/refusals/search", {
          body: { ...(number === "" ? {} : { number }), ...(pageParam === null ? {} : { after: pageParam }) },
        }),
      ),
    getNextPageParam: (page) => page.next,
    gcTime: 0,
  });
}

function milliseconds(moment: string): string {
  return String(new Date(moment).getMilliseconds()).padStart(3, "0");
}

function Stopped({ entry }: { readonly entry: DncEntryRow }) {
  const { t } = useWords();
  const { leads, permits, legs } = entry.stopped;
  if (leads + permits + legs === 0) return <span className="meta">{t("refusals.stoppedNothing")}</span>;
  return <span>{t("refusals.stopped", { leads, permits, legs })}</span>;
}

function Source({ entry }: { readonly entry: DncEntryRow }) {
  const { t, say } = useWords();
  return (
    <span className="two-lines">
      <span>{say(entry.reason_words)}</span>
      <span className="meta">
        {t(`refusals.actors.${entry.actor_kind as "user"}`)}
        {entry.attempt_id !== null && (
          <>
            {" · "}
            <Link to={`/calls/${entry.attempt_id}`}>{t("refusals.toCall")}</Link>
          </>
        )}
      </span>
    </span>
  );
}

function Force({ entry }: { readonly entry: DncEntryRow }) {
  const { t } = useWords();
  return (
    <span className="two-lines">
      <span>{entry.lifted_at === null ? t("refusals.forEver") : t("refusals.lifted", { day: isoDay(entry.lifted_at) })}</span>
      {entry.told_at !== null && <span className="meta">{t("refusals.told", { day: isoDay(entry.told_at) })}</span>}
    </span>
  );
}

function InOneColumn({ entry }: { readonly entry: DncEntryRow }) {
  const { t } = useWords();
  return (
    <OnTelephone>
      <Source entry={entry} />
      <span>
        <span className="meta">{t("refusals.stoppedTitle")} · </span>
        <Stopped entry={entry} />
      </span>
      <Force entry={entry} />
    </OnTelephone>
  );
}

function useColumns(reveal: (entry: string) => void): TableColumnsType<DncEntryRow> {
  const { t, lang } = useWords();
  return [
    {
      title: t("refusals.number"),
      key: "number",
      width: 190,
      render: (_, entry) => (
        <span className="two-lines">
          <span className="figure">
            {entry.number}{" "}
            <Button
              size="small"
              type="text"
              icon={<EyeOutlined />}
              aria-label={t("refusals.revealOf", { number: entry.number })}
              onClick={() => reveal(entry.id)}
            />
          </span>
          <span className="meta">
            {entry.platform_wide ? t("refusals.platform") : entry.purpose === null ? t("refusals.everything") : t("refusals.onePurpose")}
          </span>
        </span>
      ),
    },
    {
      title: t("refusals.since"),
      key: "since",
      width: 190,
      render: (_, entry) => (
        <span className="two-lines">
          <span className="figure">{`${isoDay(entry.at)} ${exactTime(entry.at, lang)}.${milliseconds(entry.at)}`}</span>
          <InOneColumn entry={entry} />
        </span>
      ),
    },
    {
      title: t("refusals.from"),
      key: "from",
      responsive: ["md"],
      render: (_, entry) => <Source entry={entry} />,
    },
    { title: t("refusals.stoppedTitle"), key: "stopped", responsive: ["lg"], render: (_, entry) => <Stopped entry={entry} /> },
    {
      title: t("refusals.inForce"),
      key: "force",
      width: 150,
      responsive: ["md"],
      render: (_, entry) => <Force entry={entry} />,
    },
  ];
}

/** The list itself: search by number, what it stopped, where it came from. */
export function EntriesTable({ role }: { readonly role: Role }) {
  const { t } = useWords();
  const [number, setNumber] = useState("");
  const [revealing, setRevealing] = useState<string | null>(null);
  const [importing, setImporting] = useState(false);
  const entries = useEntries(number);
  const columns = useColumns(setRevealing);
  return (
    <>
      <div className="filters">
        <Input.Search
          className="refusal-search"
          allowClear
          enterButton={t("refusals.search")}
          placeholder={t("refusals.searchHint")}
          aria-label={t("refusals.searchHint")}
          onSearch={(wanted) => setNumber(wanted.trim())}
        />
        <span className="grow" />
        {role === "supervisor" && (
          <Button icon={<UploadOutlined />} onClick={() => setImporting(true)}>
            {t("refusals.import")}
          </Button>
        )}
      </div>
      <Shown asked={entries} rows={8}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.items);
          if (rows.length === 0) return <Empty>{t(number === "" ? "refusals.none" : "refusals.notListed")}</Empty>;
          return (
            <>
              <Table rowKey="id" size="middle" pagination={false} columns={columns} dataSource={rows} />
              {entries.hasNextPage && (
                <Button className="more" loading={entries.isFetchingNextPage} onClick={() => void entries.fetchNextPage()}>
                  {t("more")}
                </Button>
              )}
            </>
          );
        }}
      </Shown>
      {revealing !== null && (
        <RevealDialog
          ask={(reason) => answer(api.POST("/api/refusals/{entry}/reveal", { params: { path: { entry: revealing } }, body: { reason } }))}
          close={() => setRevealing(null)}
        />
      )}
      {importing && <RefusalImport close={() => setImporting(false)} />}
    </>
  );
}
