import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, DatePicker, Dropdown, Tag } from "antd";
import { useState } from "react";

import type { FiltersView } from "../../api/models";
import { CHIPS, type Chip, type TrailFilter } from "../../trail/filter";
import { shortHash } from "../../ui/figures";
import { useWords } from "../../i18n/use-words";

interface Props {
  readonly filter: TrailFilter;
  readonly filters: FiltersView | undefined;
  readonly set: (chip: Chip, value: string | null) => void;
}

interface Option {
  readonly value: string;
  readonly label: string;
}

/** The filters that are on, each with its cross, and one button for more. */
export function Chips({ filter, filters, set }: Props) {
  const { t, say } = useWords();
  const [picking, setPicking] = useState<"from" | "to" | null>(null);
  const options: Record<Exclude<Chip, "from" | "to">, readonly Option[]> = {
    campaign: (filters?.campaigns ?? []).map(({ id, name }) => ({ value: id, label: say(name) })),
    agent: (filters?.agents ?? []).map(({ id, name }) => ({ value: id, label: say(name) })),
    state: (filters?.states ?? []).map(({ code, sentence }) => ({ value: code, label: say(sentence) })),
    outcome: (filters?.outcomes ?? []).map(({ code, sentence }) => ({ value: code, label: say(sentence) })),
    caller_id: (filters?.caller_ids ?? []).map(({ id, name }) => ({ value: id, label: say(name) })),
    // a consent is chosen on the page of a call under it
    consent: filter.consent === null ? [] : [{ value: filter.consent, label: shortHash(filter.consent) }],
    code: (filters?.codes ?? []).map(({ code, sentence }) => ({ value: code, label: say(sentence) })),
  };
  const shownValue = (chip: Chip, value: string): string =>
    chip === "from" || chip === "to"
      ? value
      : (options[chip].find((option) => option.value === value)?.label ?? t("trail.otherReason"));
  const on = CHIPS.flatMap((chip) => {
    const value = filter[chip];
    return value == null ? [] : [{ chip, value }];
  });
  const off = CHIPS.filter((chip) => filter[chip] == null && chip !== "consent");
  return (
    <div className="chips">
      {on.map(({ chip, value }) => (
        <Tag
          key={chip}
          closable
          closeIcon={<CloseOutlined aria-label={t("trail.drop")} />}
          onClose={(event) => {
            event.preventDefault();
            set(chip, null);
          }}
        >
          <span className="meta">{t(`trail.chip.${chip}`)}</span> {shownValue(chip, value)}
        </Tag>
      ))}
      {picking !== null && (
        <DatePicker
          size="small"
          open
          autoFocus
          aria-label={t(`trail.chip.${picking}`)}
          onOpenChange={(open) => {
            if (!open) setPicking(null);
          }}
          onChange={(day) => {
            if (day !== null) set(picking, day.format("YYYY-MM-DD"));
            setPicking(null);
          }}
        />
      )}
      <Dropdown
        trigger={["click"]}
        menu={{
          items: off.map((chip) =>
            chip === "from" || chip === "to"
              ? { key: chip, label: t(`trail.chip.${chip}`), onClick: () => setPicking(chip) }
              : {
                  key: chip,
                  label: t(`trail.chip.${chip}`),
                  disabled: options[chip].length === 0,
                  children: options[chip].map(({ value, label }) => ({
                    key: `${chip} ${value}`,
                    label,
                    onClick: () => set(chip, value),
                  })),
                },
          ),
        }}
      >
        <Button size="small" type="dashed" icon={<PlusOutlined />}>
          {t("trail.narrow")}
        </Button>
      </Dropdown>
    </div>
  );
}
