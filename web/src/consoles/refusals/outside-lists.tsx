import { UploadOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Table } from "antd";
import { useState } from "react";

import { answer, api } from "../../api/client";
import type { OutsideLists as Lists } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { shortHash } from "../../ui/figures";
import type { Role } from "../../ui/places";
import { Empty, Shown } from "../../ui/states";
import { ListAgeTag } from "../../ui/tags";
import { fullTime } from "../../ui/time";

import { ListImport } from "./list-import";

interface Row {
  readonly kind: string;
  readonly used: Lists["items"][number] | null;
  readonly ageDaysMax: number | null;
  readonly feed: Lists["feeds"][number] | null;
}

/** Every list that is in use, demanded by a pack, or fetched: one row each, those in use first. */
function rowsOf({ items, wanted, feeds }: Lists): readonly Row[] {
  const kinds = [...new Set([...items, ...feeds, ...wanted].map((one) => one.kind))];
  return kinds.map((kind) => ({
    kind,
    used: items.find((one) => one.kind === kind) ?? null,
    ageDaysMax: wanted.find((one) => one.kind === kind)?.age_days_max ?? null,
    feed: feeds.find((one) => one.kind === kind) ?? null,
  }));
}

/** Lists that our packs ask for, by name; another one goes by its own. */
function useListName(): (kind: string) => string | null {
  const { t } = useWords();
  const names: Readonly<Record<string, string>> = {
    "us-ndnc": t("refusals.listName.us"),
    "gb-tps": t("refusals.listName.gb"),
    "au-dncr": t("refusals.listName.au"),
    "sg-dnc": t("refusals.listName.sg"),
    "in-dlt-preference": t("refusals.listName.in"),
  };
  return (kind) => names[kind] ?? null;
}

function ListName({ kind }: Pick<Row, "kind">) {
  const name = useListName()(kind);
  if (name === null) return <code>{kind}</code>;
  return (
    <span className="two-lines">
      <span>{name}</span>
      <code>{kind}</code>
    </span>
  );
}

function Source({ feed, used }: Row) {
  const { t, say, lang } = useWords();
  if (feed === null && used === null) return "—";
  if (feed === null) return <span className="meta">{t("refusals.byHand")}</span>;
  return (
    <span className="two-lines">
      <span>{t("refusals.fed", { source: feed.source, hours: feed.every_hours })}</span>
      <span className="meta">
        {feed.why !== null ? say(feed.why) : feed.well_at === null ? t("refusals.notAskedYet") : t("refusals.askedWell", { time: fullTime(feed.well_at, lang) })}
      </span>
    </span>
  );
}

/** National and platform lists: which version is asked before each call, how old it may be, and where it comes from. */
export function OutsideLists({ role }: { readonly role: Role }) {
  const { t, lang } = useWords();
  const [loading, setLoading] = useState(false);
  const lists = useQuery({ queryKey: ["outside-lists"], queryFn: () => answer(api.GET("/api/outside-lists")) });
  return (
    <>
      {role === "administrator" && (
        <div className="filters">
          <span className="grow" />
          <Button icon={<UploadOutlined />} onClick={() => setLoading(true)}>
            {t("refusals.loadList")}
          </Button>
        </div>
      )}
      <Shown asked={lists} rows={4}>
        {(found) =>
          rowsOf(found).length === 0 ? (
            <Empty>{t("refusals.noLists")}</Empty>
          ) : (
            <Table
              rowKey="kind"
              pagination={false}
              dataSource={[...rowsOf(found)]}
              columns={[
                {
                  title: t("refusals.list"),
                  key: "kind",
                  render: (_, { kind, used }) => (
                    <>
                      <ListName kind={kind} />
                      {used !== null && (
                        <span className="narrow-only meta figure">
                          {t("refusals.entries")} {used.entries.toLocaleString(lang)}
                        </span>
                      )}
                    </>
                  ),
                },
                {
                  title: t("refusals.age"),
                  key: "age",
                  render: (_, { used, ageDaysMax }) => <ListAgeTag ageHours={used?.age_hours ?? null} ageDaysMax={ageDaysMax} />,
                },
                {
                  title: t("refusals.entries"),
                  key: "entries",
                  align: "right",
                  className: "figure",
                  responsive: ["sm"],
                  render: (_, { used }) => used?.entries.toLocaleString(lang) ?? "—",
                },
                {
                  title: t("refusals.asOf"),
                  key: "as_of",
                  className: "figure",
                  responsive: ["md"],
                  render: (_, { used }) => (used === null ? "—" : fullTime(used.as_of, lang)),
                },
                { title: t("refusals.listSource"), key: "source", responsive: ["md"], render: (_, row) => <Source {...row} /> },
                {
                  title: "SHA-256",
                  key: "sha256",
                  responsive: ["xl"],
                  className: "mono",
                  render: (_, { used }) => (used === null ? "—" : shortHash(used.sha256)),
                },
              ]}
            />
          )
        }
      </Shown>
      {loading && <ListImport wanted={lists.data?.wanted ?? []} close={() => setLoading(false)} />}
    </>
  );
}
