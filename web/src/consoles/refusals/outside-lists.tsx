import { useQuery } from "@tanstack/react-query";
import { Table } from "antd";

import { answer, api } from "../../api/client";
import { useWords } from "../../i18n/use-words";
import { shortHash } from "../../ui/figures";
import { Empty, Shown } from "../../ui/states";
import { fullTime } from "../../ui/time";

/** National and platform lists: which version is asked before each call, and how old it is. */
export function OutsideLists() {
  const { t, lang } = useWords();
  const lists = useQuery({ queryKey: ["outside-lists"], queryFn: () => answer(api.GET("/api/outside-lists")) });
  return (
    <Shown asked={lists} rows={4}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty>{t("refusals.noLists")}</Empty>
        ) : (
          <Table
            rowKey="kind"
            pagination={false}
            dataSource={[...items]}
            columns={[
              { title: t("refusals.list"), dataIndex: "kind" },
              { title: t("refusals.entries"), dataIndex: "entries", align: "right", className: "figure" },
              { title: t("refusals.asOf"), key: "as_of", className: "figure", render: (_, list) => fullTime(list.as_of, lang) },
              {
                title: t("refusals.age"),
                key: "age",
                align: "right",
                className: "figure",
                render: (_, list) => t("refusals.hours", { count: list.age_hours }),
              },
              {
                title: "SHA-256",
                key: "sha256",
                responsive: ["lg"],
                className: "mono",
                render: (_, list) => shortHash(list.sha256),
              },
            ]}
          />
        )
      }
    </Shown>
  );
}
