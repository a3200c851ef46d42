import { ExperimentOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Checkbox, Input, InputNumber, Progress, Segmented, Select } from "antd";
import { useEffect, type ReactNode } from "react";
import { useSearchParams } from "react-router";

import { answer, api } from "../../api/client";
import type { SimulationView } from "../../api/models";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n/use-words";
import { bodyOf, METHODS, missing, simulationForm, type Asked } from "../../pacing/simulation-form";
import { MaybeButton } from "../../ui/blocked";
import { Empty, Failed } from "../../ui/states";
import { useFollowed } from "../../ui/use-store";

import { PacingChart } from "./pacing-chart";

import "./floor.css";
import "./pacing.css";

const ASK_AGAIN_MS = 700;

function Field({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <label className="pacing-field">
      <span className="meta">{label}</span>
      {children}
    </label>
  );
}

type NumberKey = { [Key in keyof Asked]: Asked[Key] extends number ? Key : never }[keyof Asked];

function Count({ name, min, max, step = 1 }: { readonly name: NumberKey; readonly min: number; readonly max: number; readonly step?: number }) {
  const { t } = useWords();
  const asked = useFollowed(simulationForm);
  return (
    <Field label={t(`pacing.fields.${name}`)}>
      <InputNumber
        min={min}
        max={max}
        step={step}
        value={asked[name]}
        onChange={(value) => {
          if (typeof value === "number") simulationForm.send({ [name]: value });
        }}
      />
    </Field>
  );
}

function SourceFields() {
  const { t, say } = useWords();
  const asked = useFollowed(simulationForm);
  const floor = useQuery({ queryKey: ["floor"], queryFn: () => answer(api.GET("/api/floor")) });
  switch (asked.source) {
    case "scenario":
      return (
        <Field label={t("pacing.fields.scenario")}>
          <Input.TextArea
            className="scenario"
            rows={14}
            spellCheck={false}
            placeholder={'name = "…"\n[shift]\nhours = 3.0\n[agents]\ncount = 12\n[[list.part]]\nanswer_share = 0.3\n[pacing]\nmode = "predictive"\ncap = 0.01'}
            value={asked.scenario}
            onChange={(event) => simulationForm.send({ scenario: event.target.value })}
          />
        </Field>
      );
    case "history":
      return (
        <Field label={t("pacing.fields.campaign")}>
          <Select
            value={asked.campaign}
            placeholder={t("pacing.chooseCampaign")}
            onChange={(campaign: string) => simulationForm.send({ campaign })}
            options={(floor.data?.campaigns ?? []).map(({ id, name }) => ({ value: id, label: say(name) }))}
          />
        </Field>
      );
    case "figures":
      return (
        <div className="pacing-row">
          <Count name="answerPercent" min={0} max={80} />
          <Count name="talkSeconds" min={0} max={10_800} />
          <Count name="wrapSeconds" min={0} max={3_600} />
        </div>
      );
  }
}

function FormFields() {
  const { t } = useWords();
  const asked = useFollowed(simulationForm);
  return (
    <>
      <div className="pacing-row">
        <Count name="agents" min={0} max={500} />
        <Count name="hours" min={0.25} max={12} step={0.5} />
        <Count name="capPercent" min={0} max={10} step={0.1} />
        <Count name="days" min={1} max={20} />
      </div>
      <div className="pacing-row">
        <Count name="leavers" min={0} max={500} />
        {asked.leavers > 0 && <Count name="leaveAfterMinutes" min={0} max={720} />}
      </div>
      <fieldset className="pacing-methods">
        <legend className="meta">{t("pacing.fields.methods")}</legend>
        {METHODS.map((method) => (
          <Checkbox
            key={method}
            checked={asked.methods.includes(method)}
            onChange={(event) =>
              simulationForm.send({
                methods: METHODS.filter((one) => (one === method ? event.target.checked : asked.methods.includes(one))),
              })
            }
          >
            {t(`pacing.methods.${method}`)}
          </Checkbox>
        ))}
      </fieldset>
    </>
  );
}

function useSimulation() {
  const begin = useMutation({
    mutationFn: (asked: Asked) =>
      asked.source === "scenario"
        ? answer(api.POST("/api/simulations/scenario", { body: { scenario: asked.scenario } }))
        : answer(api.POST("/api/simulations", { body: bodyOf(asked) })),
  });
  const id = begin.data?.id ?? null;
  const run = useQuery({
    queryKey: ["simulation", id],
    enabled: id !== null,
    queryFn: () => answer(api.GET("/api/simulations/{simulation}", { params: { path: { simulation: id ?? "" } } })),
    refetchInterval: (query) => {
      const state = query.state.data?.state;
      return state === undefined || state === "waiting" || state === "running" ? ASK_AGAIN_MS : false;
    },
  });
  const cancel = useMutation({
    mutationFn: () =>
      answer(api.POST("/api/simulations/{simulation}/cancel", { params: { path: { simulation: id ?? "" } } })),
  });
  return { begin, run, cancel };
}

function Outcome({ view, cancel }: { readonly view: SimulationView; readonly cancel: () => void }) {
  const { t } = useWords();
  switch (view.state) {
    case "waiting":
    case "running":
      return (
        <div className="pacing-progress" role="status">
          <span>{t(`pacing.${view.state}`)}</span>
          <Progress percent={Math.round(view.done_ppm / 10_000)} />
          <Button onClick={cancel}>{t("pacing.cancel")}</Button>
        </div>
      );
    case "done":
      return (
        <>
          {view.comparison !== null && <PacingChart comparison={view.comparison} />}
          {view.history_calls !== null && <p className="meta">{t("pacing.fromHistory", { calls: view.history_calls })}</p>}
        </>
      );
    case "cancelled":
      return <Empty>{t("pacing.cancelled")}</Empty>;
    case "failed":
      return <Empty>{t("pacing.failed")}</Empty>;
  }
}

/** The simulator: what a day would bring, by method, before anybody is called. */
export default function PacingPage() {
  const { t, say } = useWords();
  const asked = useFollowed(simulationForm);
  const [search] = useSearchParams();
  const { begin, run, cancel } = useSimulation();
  const campaign = search.get("campaign");
  useEffect(() => {
    if (campaign !== null) simulationForm.send({ source: "history", campaign });
  }, [campaign]);
  const lacks = missing(asked);
  return (
    <div className="pacing">
      <section className="pacing-form" aria-label={t("pacing.title")}>
        <h1>{t("pacing.title")}</h1>
        <p className="meta">{t("pacing.promise")}</p>
        <Segmented
          value={asked.source}
          onChange={(source) => simulationForm.send({ source })}
          options={(["figures", "history", "scenario"] as const).map((value) => ({ value, label: t(`pacing.sources.${value}`) }))}
          aria-label={t("pacing.fields.source")}
        />
        <SourceFields />
        {asked.source !== "scenario" && <FormFields />}
        <MaybeButton
          type="primary"
          icon={<ExperimentOutlined />}
          loading={begin.isPending}
          act={lacks === null ? () => begin.mutate(asked) : null}
          why={lacks === null ? "" : t(`pacing.missing.${lacks}`)}
        >
          {t("pacing.begin")}
        </MaybeButton>
        {begin.error instanceof Problem && (
          <p className="campaign-stop" role="alert">
            {say(begin.error.sentence)}
          </p>
        )}
      </section>
      <section className="pacing-result" aria-live="polite" aria-label={t("pacing.result")}>
        {run.data !== undefined ? (
          <Outcome view={run.data} cancel={() => cancel.mutate()} />
        ) : run.error !== null ? (
          <Failed error={run.error} again={() => void run.refetch()} />
        ) : (
          <Empty>{t("pacing.empty")}</Empty>
        )}
      </section>
    </div>
  );
}
