import { CheckCircleFilled, MinusCircleOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";

import type { DecisionView, RuleView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { shortHash } from "../../ui/figures";

import { Inputs, Laws } from "./objections";

function Rule({ rule }: { readonly rule: RuleView }) {
  const { t, say } = useWords();
  return (
    <li>
      <span className={`rule-icon rule-${rule.result}`} role="img" aria-label={t(`rule.${rule.result}`)}>
        {rule.result === "passed" ? <CheckCircleFilled /> : <MinusCircleOutlined />}
      </span>
      <div>
        <p>
          {say(rule.title)} <code className="meta">{rule.check}</code>
          {rule.result !== "passed" && <span className="meta"> {t(`rule.${rule.result}`)}</span>}
        </p>
        <Laws laws={rule.laws} />
        <Inputs inputs={rule.inputs} />
      </div>
    </li>
  );
}

/** The rules that were read and passed, folded; those that failed are the objections. */
export function PassedRules({ decision }: { readonly decision: DecisionView }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const passed = decision.rules.filter((rule) => rule.result !== "objected");
  return (
    <div className="rules">
      {passed.length > 0 && (
        <Button type="link" className="fold" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? t("rule.fold") : t("rule.unfold", { count: passed.length })}
        </Button>
      )}
      {open && (
        <ol>
          {passed.map((rule) => (
            <Rule key={rule.check} rule={rule} />
          ))}
        </ol>
      )}
      <p className="meta packs">
        {t("rule.packs")}{" "}
        {decision.packs.map(({ id, sha256 }) => (
          <span key={id} className="chip mono" title={sha256}>
            {id} {shortHash(sha256)}
          </span>
        ))}
      </p>
    </div>
  );
}
