import { Form, Input } from "antd";

import { useWords } from "../../i18n/use-words";

const CHARS_MIN = 12;

/** The password as it is now. */
export function PasswordField({ name, label }: { readonly name: string; readonly label: string }) {
  const { t } = useWords();
  return (
    <Form.Item name={name} label={label} rules={[{ required: true, message: t("login.passwordMissing") }]}>
      <Input.Password autoComplete="current-password" maxLength={512} />
    </Form.Item>
  );
}

/** A password from now on, typed twice. */
export function NewPasswordFields() {
  const { t } = useWords();
  return (
    <>
      <Form.Item
        name="password"
        label={t("account.wanted")}
        extra={t("account.wantedHow", { count: CHARS_MIN })}
        rules={[{ required: true, min: CHARS_MIN, message: t("account.wantedHow", { count: CHARS_MIN }) }]}
      >
        <Input.Password autoComplete="new-password" maxLength={512} />
      </Form.Item>
      <Form.Item
        name="again"
        label={t("account.again")}
        dependencies={["password"]}
        rules={[
          ({ getFieldValue }) => ({
            validator: (_, value: unknown) =>
              value === getFieldValue("password") ? Promise.resolve() : Promise.reject(new Error(t("account.differ"))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" maxLength={512} />
      </Form.Item>
    </>
  );
}
