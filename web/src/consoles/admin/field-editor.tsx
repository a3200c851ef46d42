import { Alert, Button, Form, Input, InputNumber, Select, Switch } from "antd";
import { useState, type ReactNode } from "react";

import type { RegisterField } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { fieldValue, inputOf } from "../../registers/field-value";

type Shaped = Pick<RegisterField, "shape" | "choices" | "words">;

function useControl(): (field: Shaped) => ReactNode {
  const { t, say } = useWords();
  return ({ shape, choices, words }) => {
    const label = say(words);
    const options = choices.map(({ code, sentence }) => ({ value: code, label: say(sentence) }));
    switch (shape) {
      case "text":
        return <Input.TextArea rows={2} maxLength={2_000} aria-label={label} />;
      case "whole":
        return <InputNumber precision={0} aria-label={label} />;
      case "decimal":
        return <InputNumber stringMode step="0.01" aria-label={label} />;
      case "truth":
        return <Switch checkedChildren={t("yes")} unCheckedChildren={t("no")} aria-label={label} />;
      case "day":
        return <Input type="date" aria-label={label} />;
      case "moment":
        return <Input placeholder="2026-11-18T10:30:00+08:00" aria-label={label} />;
      case "choice":
        return <Select options={options} aria-label={label} />;
      case "choices":
        return <Select mode="multiple" options={options} aria-label={label} />;
      case "words":
        return <Select mode="tags" open={false} suffix={null} tokenSeparators={[","]} aria-label={label} />;
      case "group":
      case "json":
        return <Input.TextArea className="mono" rows={4} aria-label={label} />;
    }
  };
}

/** A form for one fact, by its shape. */
export function FieldEditor({
  field,
  busy,
  save,
  cancel,
}: {
  readonly field: RegisterField;
  readonly busy: boolean;
  readonly save: (value: string) => void;
  readonly cancel: () => void;
}) {
  const { t, say } = useWords();
  const control = useControl();
  const [wrong, setWrong] = useState(false);
  const submit = ({ input }: { input?: unknown }): void => {
    const value = fieldValue(field, input);
    setWrong(value === null);
    if (value !== null) save(value);
  };
  return (
    <Form layout="vertical" requiredMark={false} initialValues={{ input: inputOf(field) }} onFinish={submit}>
      {field.shape === "group" ? (
        field.inner.map((inner) => (
          <Form.Item key={inner.name} name={["input", inner.name]} label={say(inner.words)} valuePropName={inner.shape === "truth" ? "checked" : "value"}>
            {control(inner)}
          </Form.Item>
        ))
      ) : (
        <Form.Item name="input" valuePropName={field.shape === "truth" ? "checked" : "value"}>
          {control(field)}
        </Form.Item>
      )}
      {wrong && <Alert showIcon type="error" title={t("registers.notJson")} />}
      <div className="field-acts">
        <Button size="small" type="primary" htmlType="submit" loading={busy}>
          {t("registers.file")}
        </Button>
        <Button size="small" onClick={cancel}>
          {t("cancel")}
        </Button>
      </div>
    </Form>
  );
}
