import { CheckCircleFilled, SwapOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Alert, Button } from "antd";

import { answer, api } from "../../api/client";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n/use-words";
import { Objections } from "../decision/objections";

/** The decision made again from its evidence, under the packs of now. */
export function Replay({ attempt }: { readonly attempt: string }) {
  const { t, say } = useWords();
  const again = useMutation({
    mutationFn: () => answer(api.POST("/api/attempts/{attempt}/replay", { params: { path: { attempt } } })),
  });
  return (
    <div className="replay" aria-live="polite">
      <Button onClick={() => again.mutate()} loading={again.isPending}>
        {t("replay.ask")}
      </Button>
      {again.error instanceof Problem && <Alert showIcon type="warning" title={say(again.error.sentence)} />}
      {again.data !== undefined && (
        <>
          <p>
            {again.data.same ? <CheckCircleFilled className="good" aria-hidden /> : <SwapOutlined aria-hidden />}{" "}
            {t(again.data.same ? "replay.same" : "replay.other")}{" "}
            <span className="meta">
              {again.data.packs_changed.length === 0
                ? t("replay.samePacks")
                : t("replay.otherPacks", { packs: again.data.packs_changed.join(", ") })}
            </span>
          </p>
          {!again.data.same && <Objections objections={again.data.decision.objections} empty={t("decision.allowed")} />}
        </>
      )}
    </div>
  );
}
