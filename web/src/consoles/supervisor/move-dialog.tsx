import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Checkbox, Modal } from "antd";
import { useState } from "react";

import { answer, api } from "../../api/client";
import type { FloorAgent } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { Empty, Shown } from "../../ui/states";
import { useAct } from "../../ui/use-act";

/** Which campaigns an agent works from now on: ticked ones are theirs, as they were when the dialog opened. */
export default function MoveDialog({ agent, close }: { readonly agent: FloorAgent; readonly close: () => void }) {
  const { t, say } = useWords();
  const queries = useQueryClient();
  const [was] = useState(() => agent.campaigns.map(({ id }) => id));
  const [chosen, setChosen] = useState<readonly string[]>(was);
  const campaigns = useQuery({ queryKey: ["campaigns"], queryFn: () => answer(api.GET("/api/campaigns")) });
  const move = useAct(
    (ids: readonly string[]) =>
      answer(
        api.PUT("/api/floor/agents/{agent}/campaigns", {
          params: { path: { agent: agent.id } },
          body: { campaigns: [...ids], was: [...was] },
        }),
      ),
    [["campaigns"]],
    (floor) => {
      queries.setQueryData(["floor"], floor);
      close();
    },
  );
  return (
    <Modal open title={t("floor.move.of", { name: agent.name })} okText={t("floor.move.do")} confirmLoading={move.isPending} onOk={() => move.mutate(chosen)} onCancel={close}>
      <p className="meta office-note">{t("floor.move.means")}</p>
      <Shown asked={campaigns} rows={3}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{t("wizard.none")}</Empty>
          ) : (
            <Checkbox.Group className="move-campaigns" value={[...chosen]} onChange={setChosen}>
              {items.map((campaign) => (
                <Checkbox key={campaign.id} value={campaign.id}>
                  {say(campaign.name)}{" "}
                  <span className="meta">
                    {t(`campaignState.${campaign.state}`)} · {t("floor.move.leads", { count: campaign.open_leads })}
                  </span>
                </Checkbox>
              ))}
            </Checkbox.Group>
          )
        }
      </Shown>
    </Modal>
  );
}
