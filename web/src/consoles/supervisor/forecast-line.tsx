import { useQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { Link } from "react-router";

import { answer, api } from "../../api/client";
import { forecastWish, type ForecastWish } from "../../campaigns/form";
import { useWords } from "../../i18n/use-words";

const SOON_MS = 3_000;
const LATER_MS = 60_000;
const AS_SET: ForecastWish = {};

/**
 * What the campaign would bring: as it is set, beside its mode, or with what is being changed in its form. And the way to
 * compare it with other modes.
 */
export function ForecastLine({ campaign, wish = AS_SET }: { readonly campaign: string; readonly wish?: ForecastWish }) {
  const { t, say } = useWords();
  const query = useDeferredValue(forecastWish(wish));
  const forecast = useQuery({
    queryKey: ["forecast", campaign, query],
    queryFn: () => answer(api.GET("/api/campaigns/{campaign}/forecast", { params: { path: { campaign }, query } })),
    refetchInterval: (asked) => (asked.state.data?.state === "reckoning" ? SOON_MS : LATER_MS),
  });
  if (forecast.data === undefined) return null;
  const { state, sentence, from_history } = forecast.data;
  return (
    <p className="meta forecast" aria-live="polite">
      {t("campaign.forecast")} {say(sentence)}
      {state === "ready" && ` · ${t(from_history ? "campaign.ownHistory" : "campaign.textbook")}`}{" "}
      <Link to={`/pacing?campaign=${encodeURIComponent(campaign)}`}>{t("campaign.compare")}</Link>
    </p>
  );
}
