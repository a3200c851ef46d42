import { AutoComplete, Form, Input, Modal } from "antd";
import { useState } from "react";

import { answer, api } from "../../api/client";
import type { WantedList } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { isoDay, productNowMs } from "../../ui/time";

import { fileBody } from "./file-body";
import { FileImport } from "./import-report";

const KIND = /^[a-z][a-z0-9-]{1,40}$/;
const COUNTRY = /^[A-Z]{2}$/;

/** A list's name begins with its country where it has one: `us-ndnc`. */
function countryOf(kind: string): string {
  return /^[a-z]{2}-/.test(kind) ? kind.slice(0, 2).toUpperCase() : "CN";
}

/** A version of an outside list: which one, the day it speaks for, and the file. */
export function ListImport({ wanted, close }: { readonly wanted: readonly WantedList[]; readonly close: () => void }) {
  const { t } = useWords();
  const today = isoDay(productNowMs(), "UTC");
  const [kind, setKind] = useState("");
  const [day, setDay] = useState(today);
  const [country, setCountry] = useState("CN");
  const blocked = !KIND.test(kind)
    ? t("refusals.listKindFirst")
    : day === "" || day > today
      ? t("refusals.listDayFirst")
      : COUNTRY.test(country)
        ? null
        : t("refusals.listCountryFirst");
  const send = (file: File) =>
    answer(api.POST("/api/outside-lists", { params: { query: { kind, as_of: `${day}T00:00:00Z`, country } }, ...fileBody(file) }));
  return (
    <Modal open title={t("refusals.loadList")} onCancel={close} footer={null} width={720}>
      <Form layout="vertical" component={false}>
        <div className="list-fields">
          <Form.Item label={t("refusals.list")} htmlFor="list-kind">
            <AutoComplete
              id="list-kind"
              value={kind}
              popupMatchSelectWidth={240}
              options={wanted.map((one) => ({ value: one.kind }))}
              placeholder="us-ndnc"
              onChange={(value: string) => {
                setKind(value);
                setCountry(countryOf(value));
              }}
            />
          </Form.Item>
          <Form.Item label={t("refusals.asOf")} htmlFor="list-day">
            <Input id="list-day" type="date" max={today} value={day} onChange={(event) => setDay(event.target.value)} />
          </Form.Item>
          <Form.Item label={t("refusals.listCountry")} htmlFor="list-country">
            <Input id="list-country" maxLength={2} value={country} onChange={(event) => setCountry(event.target.value.toUpperCase())} />
          </Form.Item>
        </div>
      </Form>
      <FileImport send={send} hint={t("refusals.listHint")} blocked={blocked} stale="outside-lists" />
    </Modal>
  );
}
