import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Table } from "antd";
import { Link, useNavigate } from "react-router";

import { answer, api } from "../../api/client";
import type { CampaignRow } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { Empty, Shown } from "../../ui/states";
import { CampaignStateTag } from "../../ui/tags";

import "../admin/admin.css";

/** Every campaign, each opening to its form and its pre-flight. */
export default function CampaignsPage() {
  const { t, say } = useWords();
  const navigate = useNavigate();
  const campaigns = useQuery({ queryKey: ["campaigns"], queryFn: () => answer(api.GET("/api/campaigns")) });
  return (
    <div className="office">
      <div className="filters">
        <h1>{t("nav.campaigns")}</h1>
        <span className="grow" />
        <Button type="primary" icon={<PlusOutlined />} onClick={() => void navigate("/campaigns/new")}>
          {t("wizard.new")}
        </Button>
      </div>
      <Shown asked={campaigns} rows={6}>
        {(list) => (
          <Table<CampaignRow>
            size="small"
            rowKey="id"
            pagination={false}
            dataSource={[...list.items]}
            locale={{ emptyText: <Empty>{t("wizard.none")}</Empty> }}
            columns={[
              { title: t("wizard.name"), key: "name", render: (_, row) => <Link to={`/campaigns/${row.id}`}>{say(row.name)}</Link> },
              { title: t("wizard.state"), key: "state", width: 168, render: (_, row) => <CampaignStateTag state={row.state} /> },
              { title: t("wizard.purpose"), key: "purpose", width: 120, responsive: ["md"], render: (_, row) => say(row.purpose) },
              { title: t("wizard.mode"), key: "mode", width: 200, responsive: ["lg"], render: (_, row) => t(`mode.${row.mode}`) },
              { title: t("wizard.agents"), dataIndex: "agents", width: 96, align: "right", className: "figure", responsive: ["md"] },
              { title: t("wizard.openLeads"), dataIndex: "open_leads", width: 108, align: "right", className: "figure" },
            ]}
          />
        )}
      </Shown>
    </div>
  );
}
