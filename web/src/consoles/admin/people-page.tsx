import { DownOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { App, Button, Dropdown, Table, type MenuProps, type TableColumnsType } from "antd";
import { useState } from "react";

import { answer, api } from "../../api/client";
import type { PersonList, AccountView, SessionView, TicketView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { Empty, Shown } from "../../ui/states";
import { dayTime } from "../../ui/time";
import { useAct } from "../../ui/use-act";
import { useNow } from "../../ui/use-now";

import { InviteDialog } from "./invite-dialog";
import { LinkDialog } from "./link-dialog";
import { PersonDialog } from "./person-dialog";
import { PersonStateTag } from "./person-state";

import "./admin.css";

const PEOPLE = [["people"]] as const;

type Verb = "disable" | "enable" | "forget-second-factor" | "unlock" | "end-logins";

function useVerb() {
  return useAct(({ person, verb }: { readonly person: string; readonly verb: Verb }): Promise<PersonList> => {
    const at = { params: { path: { person } } };
    switch (verb) {
      case "disable":
        return answer(api.POST("/api/people/{person}/disable", at));
      case "enable":
        return answer(api.POST("/api/people/{person}/enable", at));
      case "forget-second-factor":
        return answer(api.POST("/api/people/{person}/forget-second-factor", at));
      case "unlock":
        return answer(api.POST("/api/people/{person}/unlock", at));
      case "end-logins":
        return answer(api.POST("/api/people/{person}/end-logins", at));
    }
  }, PEOPLE);
}

function Manage({
  person,
  own,
  edit,
  handOver,
}: {
  readonly person: AccountView;
  readonly own: boolean;
  readonly edit: () => void;
  readonly handOver: (ticket: TicketView) => void;
}) {
  const { t } = useWords();
  const { modal } = App.useApp();
  const act = useVerb();
  const link = useAct(
    () => answer(api.POST("/api/people/{person}/reset", { params: { path: { person: person.id } } })),
    PEOPLE,
    handOver,
  );
  const asked = (verb: Verb): void => {
    modal.confirm({
      title: t(`people.ask.${verb}`, { name: person.name }),
      content: t(`people.means.${verb}`),
      okText: t(`people.do.${verb}`),
      okButtonProps: { danger: verb === "disable" },
      onOk: () => act.mutateAsync({ person: person.id, verb }).catch(() => undefined),
    });
  };
  const item = (verb: Verb, possible: boolean, why: string): NonNullable<MenuProps["items"]>[number] => ({
    key: verb,
    danger: verb === "disable" && possible,
    disabled: !possible,
    label: possible ? t(`people.do.${verb}`) : `${t(`people.do.${verb}`)} — ${why}`,
    onClick: () => asked(verb),
  });
  const out = person.disabled_at !== null;
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: [
          { key: "edit", label: t("people.edit"), onClick: edit },
          {
            key: "link",
            disabled: out,
            label: out ? `${t("people.makeReset")} — ${t("people.why.disabled")}` : t(person.has_password ? "people.makeReset" : "people.makeInvite"),
            onClick: () => link.mutate(undefined),
          },
          item("unlock", person.locked_until !== null, t("people.why.notLocked")),
          item("forget-second-factor", person.has_second_factor, t("people.why.noSecondFactor")),
          item("end-logins", person.logins > 0, t("people.why.noLogins")),
          { type: "divider" },
          out ? item("enable", true, "") : item("disable", !own, t("people.why.own")),
        ],
      }}
    >
      <Button size="small" aria-label={t("people.manageOne", { name: person.name })} loading={act.isPending || link.isPending}>
        {t("people.manage")} <DownOutlined aria-hidden />
      </Button>
    </Dropdown>
  );
}

function useColumns(view: SessionView, edit: (person: AccountView) => void, handOver: (ticket: TicketView) => void): TableColumnsType<AccountView> {
  const { t, say, lang } = useWords();
  const now = useNow();
  return [
    {
      title: t("people.name"),
      key: "name",
      render: (_, person) => (
        <span className="two-lines">
          <span>{person.name}</span>
          <span className="meta">{person.login}</span>
        </span>
      ),
    },
    { title: t("people.role"), key: "role", width: 120, render: (_, person) => t(`role.${person.role}`) },
    { title: t("people.state"), key: "state", width: 168, render: (_, person) => <PersonStateTag person={person} /> },
    {
      title: t("people.secondFactor"),
      key: "second",
      width: 132,
      responsive: ["lg"],
      render: (_, person) => t(person.has_second_factor ? "people.has" : "people.hasNot"),
    },
    {
      title: t("people.seen"),
      key: "seen",
      width: 132,
      responsive: ["md"],
      className: "figure",
      render: (_, person) => (person.seen_at === null ? "—" : dayTime(person.seen_at, lang, now)),
    },
    {
      title: t("people.campaigns"),
      key: "campaigns",
      responsive: ["lg"],
      ellipsis: true,
      render: (_, person) => person.campaigns.map(({ name }) => say(name)).join(lang === "zh" ? "、" : ", ") || "—",
    },
    {
      title: <span className="unseen">{t("people.manage")}</span>,
      key: "manage",
      width: 108,
      align: "right",
      render: (_, person) => <Manage person={person} own={person.id === view.user.id} edit={() => edit(person)} handOver={handOver} />,
    },
  ];
}

/** Accounts: who may get in, by what link, and who is out. */
export default function PeoplePage({ view }: { readonly view: SessionView }) {
  const { t, lang } = useWords();
  const [inviting, setInviting] = useState(false);
  const [edited, setEdited] = useState<AccountView | null>(null);
  const [ticket, setTicket] = useState<TicketView | null>(null);
  const people = useQuery({ queryKey: ["people"], queryFn: () => answer(api.GET("/api/people")), refetchInterval: 30_000 });
  const columns = useColumns(view, setEdited, setTicket);
  return (
    <div className="office">
      <div className="filters">
        <h1>{t("nav.people")}</h1>
        <span className="grow" />
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setInviting(true)}>
          {t("people.invite")}
        </Button>
      </div>
      <Shown asked={people} rows={10}>
        {(list) => (
          <>
            {list.second_factor_roles.length > 0 && (
              <p className="strip strip-note office-note">
                {t("people.required", { roles: list.second_factor_roles.map((role) => t(`role.${role}`)).join(lang === "zh" ? "、" : ", ") })}
              </p>
            )}
            <Table<AccountView>
              size="small"
              rowKey="id"
              columns={columns}
              dataSource={[...list.items]}
              pagination={false}
              scroll={{ x: "max-content" }}
              locale={{ emptyText: <Empty>{t("people.empty")}</Empty> }}
            />
          </>
        )}
      </Shown>
      {inviting && (
        <InviteDialog
          close={() => setInviting(false)}
          handOver={(made) => {
            setInviting(false);
            setTicket(made);
          }}
        />
      )}
      {edited !== null && <PersonDialog person={edited} own={edited.id === view.user.id} close={() => setEdited(null)} />}
      {ticket !== null && <LinkDialog ticket={ticket} close={() => setTicket(null)} />}
    </div>
  );
}
