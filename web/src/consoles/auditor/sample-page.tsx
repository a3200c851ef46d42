import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, DatePicker, Form, InputNumber } from "antd";
import type { Dayjs } from "dayjs";
import dayjs from "dayjs";
import { useNavigate, useParams } from "react-router";

import { answer, api } from "../../api/client";
import type { SampleView } from "../../api/models";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n/use-words";
import { basket } from "../../trail/basket";
import { Shown } from "../../ui/states";
import { fullTime, productNowMs } from "../../ui/time";

import { AttemptsTable } from "./attempts-table";
import { BasketBar } from "./basket-bar";

import "./trail.css";
import "./audit.css";

const COUNT_MAX = 1_000;
const COUNT_USUAL = 20;
const DAYS_USUAL = 30;

interface Asked {
  readonly days: readonly [Dayjs, Dayjs];
  readonly count: number;
}

function Drawn({ sample }: { readonly sample: SampleView }) {
  const { t, say, lang } = useWords();
  const filters = useQuery({ queryKey: ["filters"], queryFn: () => answer(api.GET("/api/attempts/filters")), staleTime: 60_000 });
  return (
    <>
      <dl className="facts facts-row drawn">
        <div>
          <dt>{t("sample.period")}</dt>
          <dd className="figure">
            {fullTime(sample.since, lang)} – {fullTime(sample.until, lang)}
          </dd>
        </div>
        <div>
          <dt>{t("sample.drawn")}</dt>
          <dd className="figure">{t("sample.of", { count: sample.attempts.length, wanted: sample.count })}</dd>
        </div>
        <div>
          <dt>{t("sample.inspector")}</dt>
          <dd>{sample.inspector === null ? t("sample.nobody") : say(sample.inspector.name)}</dd>
        </div>
        <div>
          <dt>{t("sample.leaf")}</dt>
          <dd className="figure">#{sample.seq}</dd>
        </div>
        <div>
          <dt>{t("sample.seed")}</dt>
          <dd className="mono">{sample.seed}</dd>
        </div>
      </dl>
      <p className="meta">{t("sample.again")}</p>
      {sample.attempts.length > 0 && (
        <Button className="fit" onClick={() => basket.send({ type: "put", attempts: sample.attempts.map((row) => row.id) })}>
          {t("basket.putAll")}
        </Button>
      )}
      <AttemptsTable rows={sample.attempts} filters={filters.data} loading={false} choosing empty={t("sample.empty")} />
    </>
  );
}

/** Draw at random: the seed stands on the log before anything is drawn, so that nobody can have chosen what was seen. */
export default function SamplePage() {
  const { t, say } = useWords();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { seq = "" } = useParams();
  const today = dayjs(productNowMs());
  const draw = useMutation({
    mutationFn: ({ days: [from, to], count }: Asked) =>
      answer(
        api.POST("/api/samples", {
          body: { from: from.startOf("day").toISOString(), to: to.add(1, "day").startOf("day").toISOString(), count },
        }),
      ),
    onSuccess: (sample) => {
      queries.setQueryData(["sample", String(sample.seq)], sample);
      void navigate(`/samples/${sample.seq}`);
    },
  });
  const drawn = useQuery({
    queryKey: ["sample", seq],
    queryFn: () => answer(api.GET("/api/samples/{seq}", { params: { path: { seq } } })),
    enabled: seq !== "",
    staleTime: Infinity,
    retry: false,
  });
  return (
    <div className="trail audit">
      <h1>{t("sample.title")}</h1>
      <p className="meta">{t("sample.promise")}</p>
      <Form<Asked>
        layout="inline"
        className="ask-form"
        initialValues={{ days: [today.subtract(DAYS_USUAL, "day"), today], count: COUNT_USUAL }}
        onFinish={(asked) => draw.mutate(asked)}
      >
        <Form.Item name="days" label={t("sample.days")} rules={[{ required: true, message: t("sample.daysMissing") }]}>
          <DatePicker.RangePicker allowClear={false} />
        </Form.Item>
        <Form.Item name="count" label={t("sample.count")} rules={[{ required: true, message: t("sample.countMissing") }]}>
          <InputNumber min={1} max={COUNT_MAX} precision={0} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={draw.isPending}>
          {t("sample.draw")}
        </Button>
      </Form>
      {draw.error instanceof Problem && <Alert showIcon type="error" title={say(draw.error.sentence)} />}
      {seq !== "" && (
        <Shown asked={drawn} rows={10}>
          {(sample) => <Drawn sample={sample} />}
        </Shown>
      )}
      <BasketBar />
    </div>
  );
}
