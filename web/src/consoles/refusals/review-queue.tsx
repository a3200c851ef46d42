import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Popconfirm } from "antd";
import { Link } from "react-router";

import { answer, api } from "../../api/client";
import type { ReviewItem } from "../../api/models";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n/use-words";
import { Empty, Shown } from "../../ui/states";
import { dayTime } from "../../ui/time";
import { useNow } from "../../ui/use-now";

type Decision = "refusal" | "purpose_only" | "no_refusal";

function Item({ item, decide, busy }: { readonly item: ReviewItem; readonly decide: (decision: Decision) => void; readonly busy: boolean }) {
  const { t, say, lang } = useWords();
  const now = useNow();
  const heldAs = item.heard_as ?? item.hold_words;
  return (
    <li className="review">
      <div className="review-what">
        <strong>{say(heldAs)}</strong>
        {item.heard != null && <q>{item.heard}</q>}
        <span className="meta">
          <span className="figure">{item.number}</span> · {say(item.campaign.name)}
          {item.ended_at !== null && ` · ${dayTime(item.ended_at, lang, now)}`}
          {item.attempt_id !== null && (
            <>
              {" · "}
              <Link to={`/calls/${item.attempt_id}`}>{t("refusals.toCall")}</Link>
            </>
          )}
        </span>
        {item.due_at != null && <span className="review-due">{t("refusals.due", { time: dayTime(item.due_at, lang, now) })}</span>}
      </div>
      <div className="review-acts">
        {(item.decisions as readonly Decision[]).map((decision) =>
          decision === "no_refusal" ? (
            <Button key={decision} loading={busy} onClick={() => decide(decision)}>
              {t(`refusals.decide.${decision}`)}
            </Button>
          ) : (
            <Popconfirm
              key={decision}
              title={t("refusals.noWayBack")}
              okText={t("yes")}
              cancelText={t("cancel")}
              onConfirm={() => decide(decision)}
            >
              <Button danger loading={busy}>
                {t(`refusals.decide.${decision}`)}
              </Button>
            </Popconfirm>
          ),
        )}
      </div>
    </li>
  );
}

/** People who aren't called until somebody has looked at what they may have said. */
export function ReviewQueue() {
  const { t, say } = useWords();
  const queries = useQueryClient();
  const reviews = useInfiniteQuery({
    queryKey: ["reviews"],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      answer(api.GET("/api/reviews", { params: { query: pageParam === null ? {} : { after: pageParam } } })),
    getNextPageParam: (page) => page.next,
    refetchInterval: 20_000,
  });
  const deciding = useMutation({
    mutationFn: ({ lead, decision }: { lead: string; decision: Decision }) =>
      answer(api.POST("/api/reviews/{lead}", { params: { path: { lead } }, body: { decision } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["reviews"] }),
  });
  return (
    <Shown asked={reviews} rows={6}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items);
        return (
          <>
            {deciding.error instanceof Problem && <Alert showIcon type="error" title={say(deciding.error.sentence)} />}
            {items.length === 0 ? (
              <Empty>{t("refusals.noReviews")}</Empty>
            ) : (
              <ul className="reviews">
                {items.map((item) => (
                  <Item
                    key={item.lead_id}
                    item={item}
                    busy={deciding.isPending && deciding.variables.lead === item.lead_id}
                    decide={(decision) => deciding.mutate({ lead: item.lead_id, decision })}
                  />
                ))}
              </ul>
            )}
            {reviews.hasNextPage && (
              <Button className="more" loading={reviews.isFetchingNextPage} onClick={() => void reviews.fetchNextPage()}>
                {t("more")}
              </Button>
            )}
          </>
        );
      }}
    </Shown>
  );
}
