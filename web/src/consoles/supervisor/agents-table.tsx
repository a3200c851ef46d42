import { CustomerServiceOutlined, SwapOutlined, WarningFilled } from "@ant-design/icons";
import { Button, Dropdown, Table, type TableColumnsType } from "antd";
import { cloneElement, lazy, Suspense, useDeferredValue, useMemo, useState } from "react";

import type { FloorAgent } from "../../api/models";
import { byNeed } from "../../floor/help";
import { EARS } from "../../floor/listening";
import type { ListeningLink } from "../../floor/listening-link";
import { useWords } from "../../i18n/use-words";
import { MaybeButton } from "../../ui/blocked";
import { Empty } from "../../ui/states";
import { AgentStateTag } from "../../ui/tags";
import { duration } from "../../ui/time";
import { useNow } from "../../ui/use-now";

const MoveDialog = lazy(() => import("./move-dialog"));

/** Those who need help come first; more rows than this at once would hold up the page when all of them change. */
const ROWS_MAX = 30;

/** A talk's button; its menu is made when it is asked for, since a floor has hundreds of rows. */
function ListenButton({ agent, link, label }: { readonly agent: FloorAgent; readonly link: ListeningLink; readonly label: string }) {
  const { t } = useWords();
  const [asked, setAsked] = useState(false);
  const button = <Button size="small" icon={<CustomerServiceOutlined />} aria-label={label} aria-haspopup="menu" />;
  if (!asked) return cloneElement(button, { onClick: () => setAsked(true) });
  return (
    <Dropdown
      open
      autoFocus
      onOpenChange={(open) => setAsked(open)}
      trigger={["click"]}
      menu={{
        items: EARS.map((ear) => ({
          key: ear,
          label: t(`listening.ear.${ear}`),
          onClick: () => void link.listen(agent.id, agent.name, ear),
        })),
      }}
    >
      {button}
    </Dropdown>
  );
}

/** Listening, whispering or joining; only where there is a talk. */
function ListenMenu({ agent, link }: { readonly agent: FloorAgent; readonly link: ListeningLink }) {
  const { t } = useWords();
  const label = t("listening.menu", { name: agent.name });
  if (agent.state !== "talking" && agent.state !== "closing") {
    return <MaybeButton size="small" icon={<CustomerServiceOutlined />} aria-label={label} act={null} why={t("listening.noTalk")} />;
  }
  return <ListenButton agent={agent} link={link} label={label} />;
}

/** Time in the state, followed to the second by this cell alone. */
function InState({ since }: { readonly since: string }) {
  const now = useNow();
  return <span className="figure meta">{duration(now - Date.parse(since))}</span>;
}

function AgentNow({ agent }: { readonly agent: FloorAgent }) {
  const { say } = useWords();
  return (
    <span className="agent-state">
      <AgentStateTag state={agent.state} />
      {agent.since !== null && agent.state !== "offline" && <InState since={agent.since} />}
      {agent.pause_reason != null && <span className="meta">{say(agent.pause_reason)}</span>}
      {agent.alert !== null && (
        <span className="agent-alert">
          <WarningFilled aria-hidden /> {say(agent.alert)}
        </span>
      )}
    </span>
  );
}

/** Which campaigns the agent works: opens the dialog that moves them. */
function MoveButton({ agent, move }: { readonly agent: FloorAgent; readonly move: (agent: FloorAgent) => void }) {
  const { t } = useWords();
  return <Button size="small" icon={<SwapOutlined />} aria-label={t("floor.move.of", { name: agent.name })} onClick={() => move(agent)} />;
}

const ORDER_STEP_MS = 15_000;
const ifChanged = (agent: FloorAgent, before: FloorAgent): boolean => agent !== before;

/** Agents, those who need help first. */
export function AgentsTable({ agents, listening }: { readonly agents: readonly FloorAgent[]; readonly listening: ListeningLink }) {
  const { t, say } = useWords();
  const now = useNow(ORDER_STEP_MS);
  // drawn in slices between frames: hundreds of rows must not hold up a click
  const calm = useDeferredValue(agents);
  const [moved, setMoved] = useState<FloorAgent | null>(null);
  const ordered = useMemo(() => [...byNeed(calm, now)], [calm, now]);
  const columns: TableColumnsType<FloorAgent> = [
    { title: t("floor.agent"), dataIndex: "name", width: "26%", ellipsis: true },
    {
      title: t("floor.state"),
      key: "state",
      shouldCellUpdate: ifChanged,
      render: (_, agent) => <AgentNow agent={agent} />,
    },
    {
      title: t("floor.campaign"),
      key: "campaign",
      responsive: ["md"],
      ellipsis: true,
      render: (_, agent) => agent.campaigns.map(({ name }) => say(name)).join(", "),
    },
    {
      title: t("floor.calls"),
      dataIndex: "calls_today",
      align: "right",
      width: 72,
      className: "figure",
      responsive: ["sm"],
    },
    {
      title: t("floor.talk"),
      key: "talk",
      align: "right",
      width: 96,
      className: "figure",
      responsive: ["sm"],
      render: (_, agent) => duration(agent.talk_seconds_today * 1_000),
    },
    {
      title: <span className="unseen">{t("listening.column")}</span>,
      key: "listen",
      width: 88,
      align: "right",
      shouldCellUpdate: ifChanged,
      render: (_, agent) => (
        <span className="agent-acts">
          <MoveButton agent={agent} move={setMoved} />
          <ListenMenu agent={agent} link={listening} />
        </span>
      ),
    },
  ];
  return (
    <section className="floor-agents" aria-labelledby="agents-title">
      <h2 id="agents-title">{t("floor.agents")}</h2>
      <Table<FloorAgent>
        size="small"
        rowKey="id"
        columns={columns}
        dataSource={ordered}
        rowClassName={(agent) => (agent.alert === null ? "" : "needs-help")}
        pagination={agents.length > ROWS_MAX ? { pageSize: ROWS_MAX, size: "small" } : false}
        locale={{ emptyText: <Empty>{t("floor.noAgents")}</Empty> }}
      />
      {moved !== null && (
        <Suspense fallback={null}>
          <MoveDialog agent={moved} close={() => setMoved(null)} />
        </Suspense>
      )}
    </section>
  );
}
