import { Tabs } from "antd";
import { useSearchParams } from "react-router";

import { useWords } from "../../i18n/use-words";
import type { Role } from "../../ui/places";

import { EntriesTable } from "./entries-table";
import { OutsideLists } from "./outside-lists";
import { Partners } from "./partners";
import { ReviewQueue } from "./review-queue";

import "../admin/admin.css";
import "./refusals.css";

type TabName = "entries" | "reviews" | "lists" | "partners";

/** What each role has here: the list and its proof for supervisors and auditors, outside lists and keys for administrators. */
function tabsOf(role: Role): readonly [TabName, ...TabName[]] {
  if (role === "supervisor") return ["entries", "reviews", "lists"];
  return role === "auditor" ? ["entries", "lists"] : ["lists", "partners"];
}

/** The do-not-call desk. */
export default function RefusalsPage({ role }: { readonly role: Role }) {
  const { t } = useWords();
  const [search, setSearch] = useSearchParams();
  const tabs = tabsOf(role);
  const active = tabs.find((one) => one === search.get("tab")) ?? tabs[0];
  const content = {
    entries: <EntriesTable role={role} />,
    reviews: <ReviewQueue />,
    lists: <OutsideLists role={role} />,
    partners: <Partners />,
  };
  return (
    <div className="office">
      <div className="filters">
        <h1>{t("nav.refusals")}</h1>
      </div>
      <Tabs
        activeKey={active}
        onChange={(tab) => setSearch({ tab }, { replace: true })}
        destroyOnHidden
        items={tabs.map((key) => ({ key, label: t(`refusals.tabs.${key}`), children: content[key] }))}
      />
    </div>
  );
}
