import { Form, Input, Modal, Select } from "antd";

import { answer, api } from "../../api/client";
import type { AccountView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import type { Role } from "../../ui/places";
import { useAct } from "../../ui/use-act";

const ROLES: readonly Role[] = ["agent", "supervisor", "auditor", "administrator"];

interface Given {
  readonly name: string;
  readonly role: Role;
}

/** Another name or role; another role ends the person's logins. */
export function PersonDialog({ person, own, close }: { readonly person: AccountView; readonly own: boolean; readonly close: () => void }) {
  const { t } = useWords();
  const [form] = Form.useForm<Given>();
  const change = useAct(
    (body: Given) => answer(api.PUT("/api/people/{person}", { params: { path: { person: person.id } }, body })),
    [["people"]],
    close,
  );
  return (
    <Modal open title={person.login} okText={t("save")} confirmLoading={change.isPending} onOk={form.submit} onCancel={close}>
      <Form<Given>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ name: person.name, role: person.role }}
        onFinish={(given) => change.mutate({ name: given.name, role: own ? person.role : given.role })}
      >
        <Form.Item name="name" label={t("people.name")} rules={[{ required: true, whitespace: true, message: t("people.nameMissing") }]}>
          <Input autoComplete="off" maxLength={80} />
        </Form.Item>
        <Form.Item name="role" label={t("people.role")} extra={t(own ? "people.why.own" : "people.roleChange")}>
          <Select disabled={own} options={ROLES.map((role) => ({ value: role, label: t(`role.${role}`) }))} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
