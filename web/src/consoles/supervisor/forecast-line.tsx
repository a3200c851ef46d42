import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { answer, api } from "../../api/client";
import { useWords } from "../../i18n/use-words";

const SOON_MS = 3_000;
const LATER_MS = 60_000;

/** What the campaign as it is set would bring, beside its mode; the way to compare it with other modes. */
export function ForecastLine({ campaign }: { readonly campaign: string }) {
  const { t, say } = useWords();
  const forecast = useQuery({
    queryKey: ["forecast", campaign],
    queryFn: () => answer(api.GET("/api/campaigns/{campaign}/forecast", { params: { path: { campaign } } })),
    refetchInterval: (query) => (query.state.data?.state === "reckoning" ? SOON_MS : LATER_MS),
  });
  if (forecast.data === undefined) return null;
  const { state, sentence, from_history } = forecast.data;
  return (
    <p className="meta">
      {t("campaign.forecast")} {say(sentence)}
      {state === "ready" && ` · ${t(from_history ? "campaign.ownHistory" : "campaign.textbook")}`}{" "}
      <Link to={`/pacing?campaign=${encodeURIComponent(campaign)}`}>{t("campaign.compare")}</Link>
    </p>
  );
}
