import { useQuery } from "@tanstack/react-query";

import { answer, api } from "../../api/client";
import { useWords } from "../../i18n/use-words";
import { Shown } from "../../ui/states";

import { AgentsTable } from "./agents-table";
import { CampaignCard } from "./campaign-card";
import { TopLine } from "./top-line";
import { Empty } from "../../ui/states";

import "./floor.css";

/** The supervisor's picture: what needs help, what every campaign does and why. */
export default function FloorPage() {
  const { t } = useWords();
  const floor = useQuery({
    queryKey: ["floor"],
    queryFn: () => answer(api.GET("/api/floor")),
    refetchInterval: 15_000,
  });
  return (
    <Shown asked={floor} rows={12}>
      {(view) => (
        <div className="floor">
          <TopLine totals={view.totals} />
          <div className="floor-main">
            <AgentsTable agents={view.agents} />
            <section className="floor-campaigns" aria-labelledby="campaigns-title">
              <h2 id="campaigns-title">{t("floor.campaigns")}</h2>
              {view.campaigns.length === 0 ? (
                <Empty>{t("floor.noCampaigns")}</Empty>
              ) : (
                view.campaigns.map((campaign) => <CampaignCard key={campaign.id} campaign={campaign} />)
              )}
            </section>
          </div>
        </div>
      )}
    </Shown>
  );
}
