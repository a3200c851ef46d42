import { Alert, Form, Input, Modal, Select } from "antd";

import { answer, api } from "../../api/client";
import type { TicketView } from "../../api/models";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n/use-words";
import { useAct } from "../../ui/use-act";
import type { Role } from "../../ui/places";

const ROLES: readonly Role[] = ["agent", "supervisor", "auditor", "administrator"];

interface Given {
  readonly login: string;
  readonly name: string;
  readonly role: Role;
  readonly locale: "zh" | "en";
}

/** A new account; the answer is a link to hand over. */
export function InviteDialog({ close, handOver }: { readonly close: () => void; readonly handOver: (ticket: TicketView) => void }) {
  const { t, say, lang } = useWords();
  const [form] = Form.useForm<Given>();
  const invite = useAct((body: Given) => answer(api.POST("/api/people", { body })), [["people"]], handOver);
  return (
    <Modal
      open
      title={t("people.invite")}
      okText={t("people.makeInvite")}
      confirmLoading={invite.isPending}
      onOk={form.submit}
      onCancel={close}
    >
      <Form<Given>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ role: "agent", locale: lang }}
        onFinish={(given) => invite.mutate(given)}
      >
        {invite.error instanceof Problem && <Alert className="office-note" showIcon type="error" title={say(invite.error.sentence)} />}
        <Form.Item
          name="login"
          label={t("people.login")}
          rules={[{ required: true, pattern: /^[A-Za-z0-9][A-Za-z0-9._@-]+$/, max: 64, message: t("people.loginShape") }]}
        >
          <Input autoFocus autoComplete="off" maxLength={64} />
        </Form.Item>
        <Form.Item name="name" label={t("people.name")} rules={[{ required: true, whitespace: true, message: t("people.nameMissing") }]}>
          <Input autoComplete="off" maxLength={80} />
        </Form.Item>
        <Form.Item name="role" label={t("people.role")} extra={t("people.roleMeans")}>
          <Select options={ROLES.map((role) => ({ value: role, label: t(`role.${role}`) }))} />
        </Form.Item>
        <Form.Item name="locale" label={t("people.locale")}>
          <Select
            options={[
              { value: "zh", label: "中文" },
              { value: "en", label: "English" },
            ]}
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}
