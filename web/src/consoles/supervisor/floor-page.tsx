import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { answer, api } from "../../api/client";
import { listeningLink } from "../../floor/listening-link";
import { useWords } from "../../i18n/use-words";
import { Empty, Shown } from "../../ui/states";

import { AgentsTable } from "./agents-table";
import { CampaignCard } from "./campaign-card";
import { ListeningBar } from "./listening-bar";
import { TopLine } from "./top-line";

import "./floor.css";

/** The supervisor's picture: what needs help, what every campaign does and why. */
export default function FloorPage() {
  const { t } = useWords();
  const [listening] = useState(listeningLink);
  useEffect(() => listening.open(), [listening]);
  const floor = useQuery({
    queryKey: ["floor"],
    queryFn: () => answer(api.GET("/api/floor")),
    refetchInterval: 15_000,
  });
  return (
    <Shown asked={floor} rows={12}>
      {(view) => (
        <div className="floor">
          <ListeningBar link={listening} />
          <TopLine totals={view.totals} />
          <div className="floor-main">
            <AgentsTable agents={view.agents} listening={listening} />
            <section className="floor-campaigns" aria-labelledby="campaigns-title">
              <h2 id="campaigns-title" className="unseen">{t("floor.campaigns")}</h2>
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
