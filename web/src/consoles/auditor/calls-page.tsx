import { SearchOutlined } from "@ant-design/icons";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { useSearchParams } from "react-router";

import { answer, api } from "../../api/client";
import { readFilter, searchBody, withChip, type TrailFilter } from "../../trail/filter";
import { useWords } from "../../i18n/use-words";
import type { Role } from "../../ui/places";
import { Shown } from "../../ui/states";

import { AttemptsTable } from "./attempts-table";
import { BasketBar } from "./basket-bar";
import { Chips } from "./chips";

import "./trail.css";

function useSearch(filter: TrailFilter, number: string) {
  return useInfiniteQuery({
    queryKey: ["attempts", filter, number],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      answer(api.POST("/api/attempts/search", { body: { limit: 50, ...searchBody(filter, number, pageParam) } })),
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    // a number that was searched for is not kept when the page is left
    gcTime: number === "" ? 300_000 : 0,
  });
}

/** One line to search by, filters as chips, and the attempts: those that were made and those that were not. */
export default function CallsPage({ role }: { readonly role: Role }) {
  const { t } = useWords();
  const [params, setParams] = useSearchParams();
  const [number, setNumber] = useState("");
  const filter = readFilter(params);
  const filters = useQuery({ queryKey: ["filters"], queryFn: () => answer(api.GET("/api/attempts/filters")), staleTime: 60_000 });
  const found = useSearch(filter, number);
  return (
    <div className="trail">
      <div className="filters">
        <h1>{t(role === "auditor" ? "trail.title" : "nav.calls")}</h1>
        <Input.Search
          className="trail-number"
          allowClear
          enterButton={<SearchOutlined aria-label={t("trail.search")} />}
          placeholder={t("trail.searchNumber")}
          aria-label={t("trail.searchNumber")}
          autoComplete="off"
          inputMode="tel"
          maxLength={32}
          onSearch={(text) => setNumber(text)}
        />
        <Chips filter={filter} filters={filters.data} set={(chip, value) => setParams(withChip(params, chip, value), { replace: true })} />
      </div>
      <Shown asked={found} rows={12}>
        {(data) => (
          <>
            <AttemptsTable
              rows={data.pages.flatMap((page) => page.items)}
              filters={filters.data}
              loading={found.isPlaceholderData}
              choosing={role === "auditor"}
              empty={t("trail.empty")}
            />
            {found.hasNextPage && (
              <Button className="more" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                {t("more")}
              </Button>
            )}
          </>
        )}
      </Shown>
      {role === "auditor" && <BasketBar />}
    </div>
  );
}
