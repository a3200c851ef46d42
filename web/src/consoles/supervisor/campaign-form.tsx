import { Checkbox, Form, Input, InputNumber, Select, type FormInstance } from "antd";

import type { ReactNode } from "react";

import type { CampaignChoices } from "../../api/models";
import { lawfulHours, numberOptions, scriptOptions, sourceOptions, timesWithin, type CampaignInput, type Hours } from "../../campaigns/form";
import { useWords } from "../../i18n/use-words";

import { ForecastLine } from "./forecast-line";

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <fieldset className="card wizard-section">
      <legend>{title}</legend>
      {children}
    </fieldset>
  );
}

/** Beside mode and cap: what they would bring with the agents chosen, before anything is saved. */
function Forecast({ campaign, form }: { readonly campaign: string; readonly form: FormInstance<CampaignInput> }) {
  const mode = Form.useWatch("mode", form);
  const cap_percent = Form.useWatch("cap_percent", form);
  const agents = Form.useWatch("agents", form);
  return <ForecastLine campaign={campaign} wish={{ mode, cap_percent, agents }} />;
}

/** The campaign's own hours: both ends or neither, within the law's, which are said beside them. */
function HoursFields({ form, choices }: { readonly form: FormInstance<CampaignInput>; readonly choices: CampaignChoices }) {
  const { t } = useWords();
  const country = Form.useWatch<string | undefined>("country", { form, preserve: true });
  const law = lawfulHours(choices, country);
  const times = timesWithin(law).map((value) => ({ value, label: value }));
  const spoken = (hours: Hours | null) => (hours === null ? t("wizard.closed") : `${hours.opens}–${hours.closes}`);
  const means =
    law === undefined
      ? t("wizard.hoursUnknown")
      : t("wizard.hoursMean", { weekday: spoken(law.weekday), saturday: spoken(law.saturday), sunday: spoken(law.sunday) });
  const both = {
    validator: () => {
      const { opens, closes } = form.getFieldsValue();
      if ((opens === undefined) !== (closes === undefined)) return Promise.reject(new Error(t("wizard.hoursBoth")));
      if (opens !== undefined && closes !== undefined && opens >= closes) return Promise.reject(new Error(t("wizard.hoursOrder")));
      return Promise.resolve();
    },
  };
  return (
    <>
      <Form.Item name="opens" label={t("wizard.opens")} extra={means}>
        <Select allowClear showSearch options={times} placeholder={t("wizard.hoursOfLaw")} />
      </Form.Item>
      <Form.Item name="closes" label={t("wizard.closes")} dependencies={["opens"]} rules={[both]}>
        <Select allowClear showSearch options={times} placeholder={t("wizard.hoursOfLaw")} />
      </Form.Item>
    </>
  );
}

/** Purpose, script, caller IDs, sources, hours, agents, mode and cap: what can't be chosen says why in its own line. */
export function CampaignForm({
  campaign,
  form,
  choices,
  initial,
  changed,
  save,
}: {
  /** Null: it isn't made yet, and there is nothing to forecast. */
  readonly campaign: string | null;
  readonly form: FormInstance<CampaignInput>;
  readonly choices: CampaignChoices;
  readonly initial: Partial<CampaignInput>;
  readonly changed: () => void;
  readonly save: (given: CampaignInput) => void;
}) {
  const { t, say } = useWords();
  const purpose = Form.useWatch("purpose", { form, preserve: true });
  const needed = [{ required: true, message: t("registers.nameMissing") }];
  const options = (list: CampaignChoices["purposes"]) => list.map(({ code, sentence }) => ({ value: code, label: say(sentence) }));
  const says = { say, otherPurpose: t("wizard.otherPurpose") };
  return (
    <Form<CampaignInput> form={form} layout="vertical" requiredMark={false} initialValues={initial} scrollToFirstError onValuesChange={changed} onFinish={save}>
      <Section title={t("wizard.what")}>
        <div className="wizard-pair">
          <Form.Item name="name_zh" label={t("wizard.nameZh")} rules={needed}>
            <Input maxLength={80} />
          </Form.Item>
          <Form.Item name="name_en" label={t("wizard.nameEn")} rules={needed}>
            <Input maxLength={80} />
          </Form.Item>
          <Form.Item name="purpose" label={t("wizard.purpose")} extra={t("wizard.purposeMeans")}>
            <Select options={options(choices.purposes)} />
          </Form.Item>
          <Form.Item name="industry" label={t("wizard.industry")}>
            <Select options={options(choices.industries)} />
          </Form.Item>
          <Form.Item name="purpose_text" label={t("wizard.purposeText")} rules={needed}>
            <Input maxLength={500} />
          </Form.Item>
          <Form.Item name="declared_business" label={t("wizard.business")} extra={t("wizard.businessMeans")} rules={needed}>
            <Input maxLength={500} />
          </Form.Item>
          <Form.Item name="country" label={t("wizard.country")} rules={[{ required: true, pattern: /^[A-Z]{2}$/, message: t("wizard.countryShape") }]}>
            <Input maxLength={2} />
          </Form.Item>
          <Form.Item name="owner" label={t("wizard.owner")} extra={t("wizard.ownerMeans")} rules={needed}>
            <Input maxLength={80} />
          </Form.Item>
        </div>
      </Section>
      <Section title={t("wizard.how")}>
        <div className="wizard-pair">
          <Form.Item name="script" label={t("wizard.script")} rules={needed}>
            <Select options={scriptOptions(choices, purpose, says)} notFoundContent={t("wizard.noScript")} />
          </Form.Item>
          <Form.Item name="caller_ids" label={t("wizard.numbers")} rules={needed}>
            <Select mode="multiple" options={numberOptions(choices, purpose, says)} />
          </Form.Item>
          <Form.Item className="wizard-wide" name="sources" label={t("wizard.sources")} extra={t("wizard.sourcesMean")}>
            <Select mode="multiple" options={sourceOptions(choices, say)} placeholder={t("wizard.sourcesAll")} />
          </Form.Item>
          <HoursFields form={form} choices={choices} />
          <Form.Item name="mode" label={t("wizard.mode")} extra={t("wizard.modeMeans")}>
            <Select options={options(choices.modes)} />
          </Form.Item>
          <Form.Item name="cap_percent" label={t("wizard.cap")} extra={t("wizard.capMeans")} rules={needed}>
            <InputNumber min={0} max={choices.cap_ppm_max / 10_000} step={0.1} suffix="%" />
          </Form.Item>
          <Form.Item name="kept_days" label={t("wizard.kept")} extra={t("wizard.keptMeans")} rules={needed}>
            <InputNumber min={30} max={3_650} precision={0} />
          </Form.Item>
        </div>
        {campaign !== null && <Forecast campaign={campaign} form={form} />}
      </Section>
      <Section title={t("wizard.agents")}>
        {choices.agents.length === 0 ? (
          <p className="meta">{t("wizard.noAgents")}</p>
        ) : (
          <Form.Item name="agents" noStyle>
            <Checkbox.Group
              className="wizard-agents"
              options={choices.agents.map(({ id, name, note }) => ({
                value: id,
                label: note === null ? name : `${name} — ${say(note)}`,
              }))}
            />
          </Form.Item>
        )}
      </Section>
    </Form>
  );
}
