import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button, Select, Table, type TableColumnsType } from "antd";
import { Link, useSearchParams } from "react-router";

import { answer, api } from "../../api/client";
import type { LeadView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { Empty, Shown } from "../../ui/states";
import { LeadStateTag } from "../../ui/tags";
import { dayTime } from "../../ui/time";
import { useNow } from "../../ui/use-now";
import { Objections } from "../decision/objections";

import "./floor.css";

const STATES = ["queued", "claimed", "dialing", "done", "dropped"] as const;
type State = (typeof STATES)[number];

interface Filter {
  readonly campaign: string | null;
  readonly state: State | null;
  readonly code: string | null;
}

function readFilter(search: URLSearchParams): Filter {
  return {
    campaign: search.get("campaign"),
    state: STATES.find((one) => one === search.get("state")) ?? null,
    code: search.get("code"),
  };
}

function useLeads(filter: Filter) {
  return useInfiniteQuery({
    queryKey: ["leads", filter],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) => {
      const query = Object.fromEntries(
        Object.entries({ ...filter, after: pageParam }).filter(([, value]) => value !== null),
      );
      return answer(api.GET("/api/leads", { params: { query } }));
    },
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: 20_000,
  });
}

function useColumns(): TableColumnsType<LeadView> {
  const { t, say, lang } = useWords();
  const now = useNow();
  return [
    {
      title: t("leads.person"),
      key: "person",
      width: "26%",
      render: (_, lead) => (
        <span className="two-lines">
          <span>{lead.name ?? t("person.unnamed")}</span>
          <span className="meta figure">{lead.number}</span>
        </span>
      ),
    },
    { title: t("leads.campaign"), key: "campaign", responsive: ["lg"], ellipsis: true, render: (_, lead) => say(lead.campaign.name) },
    {
      title: t("leads.state"),
      key: "state",
      width: 128,
      render: (_, lead) => <LeadStateTag state={lead.state} />,
    },
    {
      title: t("leads.why"),
      key: "why",
      responsive: ["md"],
      render: (_, lead) => {
        const first = lead.objections[0];
        if (first === undefined) {
          if (lead.state !== "queued") return "—";
          const due = Date.parse(lead.promised_from ?? lead.due_at) <= now;
          return <span className="meta">{t(due ? "leads.undecided" : "leads.notDue")}</span>;
        }
        return (
          <span>
            {say(first.sentence)}
            {lead.objections.length > 1 && <span className="chip">{t("leads.more", { count: lead.objections.length - 1 })}</span>}
          </span>
        );
      },
    },
    {
      title: t("leads.when"),
      key: "when",
      width: 132,
      className: "figure",
      render: (_, lead) => {
        if (lead.state === "done" || lead.state === "dropped") return "—";
        if (lead.objections.length === 0) return dayTime(lead.promised_from ?? lead.due_at, lang, now);
        return lead.lawful_from === null ? t("leads.never") : dayTime(lead.lawful_from, lang, now);
      },
    },
  ];
}

function Behind({ lead }: { readonly lead: LeadView }) {
  const { t } = useWords();
  return (
    <div className="lead-behind">
      <Objections objections={lead.objections} empty={lead.decided_at === null ? t("leads.undecidedLong") : t("leads.noObjection")} />
      {lead.attempt_id !== null && <Link to={`/calls/${lead.attempt_id}`}>{t("leads.toProof")}</Link>}
    </div>
  );
}

/** Leads and why each is or is not called. */
export default function LeadsPage() {
  const { t, say } = useWords();
  const [search, setSearch] = useSearchParams();
  const filter = readFilter(search);
  const leads = useLeads(filter);
  const floor = useQuery({ queryKey: ["floor"], queryFn: () => answer(api.GET("/api/floor")) });
  const columns = useColumns();
  const narrow = (name: keyof Filter, value: string | undefined): void => {
    const next = new URLSearchParams(search);
    if (value === undefined) next.delete(name);
    else next.set(name, value);
    setSearch(next, { replace: true });
  };
  return (
    <div className="leads">
      <div className="filters">
        <h1>{t("nav.leads")}</h1>
        <Select
          allowClear
          placeholder={t("leads.anyCampaign")}
          aria-label={t("leads.campaign")}
          value={filter.campaign}
          onChange={(value?: string | null) => narrow("campaign", value ?? undefined)}
          options={(floor.data?.campaigns ?? []).map(({ id, name }) => ({ value: id, label: say(name) }))}
          popupMatchSelectWidth={false}
        />
        <Select
          allowClear
          placeholder={t("leads.anyState")}
          aria-label={t("leads.state")}
          value={filter.state}
          onChange={(value?: string | null) => narrow("state", value ?? undefined)}
          options={STATES.map((state) => ({ value: state, label: t(`leadState.${state}`) }))}
        />
        {filter.code !== null && (
          <Button size="small" onClick={() => narrow("code", undefined)}>
            {t("leads.dropReason")}
          </Button>
        )}
      </div>
      <Shown asked={leads} rows={10}>
        {(data) => (
          <>
            <Table<LeadView>
              size="small"
              rowKey="id"
              columns={columns}
              dataSource={data.pages.flatMap((page) => page.items)}
              pagination={false}
              expandable={{ expandedRowRender: (lead) => <Behind lead={lead} />, expandRowByClick: true }}
              locale={{ emptyText: <Empty>{t("leads.empty")}</Empty> }}
            />
            {leads.hasNextPage && (
              <Button className="more" loading={leads.isFetchingNextPage} onClick={() => void leads.fetchNextPage()}>
                {t("more")}
              </Button>
            )}
          </>
        )}
      </Shown>
    </div>
  );
}
