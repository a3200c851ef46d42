import { WarningFilled } from "@ant-design/icons";
import { Table, type TableColumnsType } from "antd";

import type { FloorAgent } from "../../api/models";
import { byNeed } from "../../floor/help";
import { useWords } from "../../i18n/use-words";
import { Empty } from "../../ui/states";
import { AgentStateTag } from "../../ui/tags";
import { duration } from "../../ui/time";
import { useNow } from "../../ui/use-now";

const ROWS_MAX = 50;

/** Agents, those who need help first. */
export function AgentsTable({ agents }: { readonly agents: readonly FloorAgent[] }) {
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
