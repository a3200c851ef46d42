import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Popconfirm, Table, Typography } from "antd";

import { answer, api } from "../../api/client";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n/use-words";
import { Empty, Shown } from "../../ui/states";
import { fullTime } from "../../ui/time";

const NAME_CHARACTERS_MIN = 2;
const NAME_CHARACTERS_MAX = 100;

/** Who may report refusals by signed messages; a key is shown once. */
export function Partners() {
  const { t, say, lang } = useWords();
  const queries = useQueryClient();
  const again = (): Promise<void> => queries.invalidateQueries({ queryKey: ["partners"] });
  const partners = useQuery({ queryKey: ["partners"], queryFn: () => answer(api.GET("/api/partners")) });
  const make = useMutation({
    mutationFn: (name: string) => answer(api.POST("/api/partners", { body: { name } })),
    onSuccess: again,
    gcTime: 0,
  });
  const end = useMutation({
    mutationFn: (partner: string) => answer(api.POST("/api/partners/{partner}/disable", { params: { path: { partner } } })),
    onSuccess: again,
  });
  const failed = [make.error, end.error].find((error) => error instanceof Problem);
  return (
    <>
      <Form layout="inline" className="filters" requiredMark={false} colon={false} onFinish={({ name }: { name: string }) => make.mutate(name.trim())}>
        <Form.Item
          name="name"
          label={t("refusals.partner")}
          rules={[{ required: true, whitespace: true, min: NAME_CHARACTERS_MIN, message: t("refusals.partnerShort") }]}
        >
          <Input maxLength={NAME_CHARACTERS_MAX} autoComplete="off" />
        </Form.Item>
        <Button htmlType="submit" type="primary" loading={make.isPending}>
          {t("refusals.makePartner")}
        </Button>
      </Form>
      {failed !== undefined && <Alert showIcon type="error" title={say(failed.sentence)} />}
      {make.data !== undefined && (
        <Alert
          showIcon
          type="warning"
          title={t("refusals.secretOnce", { name: make.data.partner.name })}
          description={
            <Typography.Text copyable className="mono secret">
              {make.data.secret}
            </Typography.Text>
          }
        />
      )}
      <Shown asked={partners} rows={4}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{t("refusals.noPartners")}</Empty>
          ) : (
            <Table
              rowKey="id"
              pagination={false}
              dataSource={[...items]}
              columns={[
                { title: t("refusals.partner"), dataIndex: "name" },
                { title: t("refusals.address"), key: "id", responsive: ["md"], className: "mono", render: (_, one) => `/hooks/refusals/${one.id}` },
                { title: t("refusals.since"), key: "since", responsive: ["md"], className: "figure", render: (_, one) => fullTime(one.created_at, lang) },
                {
                  title: t("refusals.state"),
                  key: "state",
                  render: (_, one) =>
                    one.disabled_at === null ? (
                      <Popconfirm title={t("refusals.endPartner")} okText={t("yes")} cancelText={t("cancel")} onConfirm={() => end.mutate(one.id)}>
                        <Button size="small" danger>
                          {t("refusals.disable")}
                        </Button>
                      </Popconfirm>
                    ) : (
                      <span className="meta">{t("refusals.disabled")}</span>
                    ),
                },
              ]}
            />
          )
        }
      </Shown>
    </>
  );
}
