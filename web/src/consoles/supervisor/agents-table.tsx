import { CustomerServiceOutlined, WarningFilled } from "@ant-design/icons";
import { Button, Dropdown, Table, type TableColumnsType } from "antd";

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

const ROWS_MAX = 50;

/** Listening, whispering or joining; only where there is a talk. */
function ListenMenu({ agent, link }: { readonly agent: FloorAgent; readonly link: ListeningLink }) {
  const { t } = useWords();
  const label = t("listening.menu", { name: agent.name });
  if (agent.state !== "talking" && agent.state !== "closing") {
    return <MaybeButton size="small" icon={<CustomerServiceOutlined />} aria-label={label} act={null} why={t("listening.noTalk")} />;
  }
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: EARS.map((ear) => ({
          key: ear,
          label: t(`listening.ear.${ear}`),
          onClick: () => void link.listen(agent.id, agent.name, ear),
        })),
      }}
    >
      <Button size="small" icon={<CustomerServiceOutlined />} aria-label={label} />
    </Dropdown>
  );
}

/** Agents, those who need help first. */
export function AgentsTable({ agents, listening }: { readonly agents: readonly FloorAgent[]; readonly listening: ListeningLink }) {
  const { t, say } = useWords();
  const now = useNow();
  const columns: TableColumnsType<FloorAgent> = [
    { title: t("floor.agent"), dataIndex: "name", width: "24%", ellipsis: true },
    {
      title: t("floor.state"),
      key: "state",
      render: (_, agent) => (
        <span className="agent-state">
          <AgentStateTag state={agent.state} />
          {agent.since !== null && agent.state !== "offline" && (
            <span className="figure meta">{duration(now - Date.parse(agent.since))}</span>
          )}
          {agent.alert !== null && (
            <span className="agent-alert">
              <WarningFilled aria-hidden /> {say(agent.alert)}
            </span>
          )}
        </span>
      ),
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
      width: 64,
      align: "right",
      render: (_, agent) => <ListenMenu agent={agent} link={listening} />,
    },
  ];
  return (
    <section className="floor-agents" aria-labelledby="agents-title">
      <h2 id="agents-title">{t("floor.agents")}</h2>
      <Table<FloorAgent>
        size="small"
        rowKey="id"
        columns={columns}
        dataSource={[...byNeed(agents, now)]}
        rowClassName={(agent) => (agent.alert === null ? "" : "needs-help")}
        pagination={agents.length > ROWS_MAX ? { pageSize: ROWS_MAX, size: "small" } : false}
        locale={{ emptyText: <Empty>{t("floor.noAgents")}</Empty> }}
      />
    </section>
  );
}
