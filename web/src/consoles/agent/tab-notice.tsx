import { DesktopOutlined } from "@ant-design/icons";
import { Button } from "antd";

import { useWords } from "../../i18n/use-words";

/** Another tab has the phone: say so, and offer to take it. */
export function TabNotice({ takeOver }: { readonly takeOver: () => void }) {
  const { t } = useWords();
  return (
    <div className="banner banner-attention" role="status">
      <DesktopOutlined aria-hidden />
      <span className="grow">{t("desk.tab.elsewhere")}</span>
      <Button onClick={takeOver}>{t("desk.tab.takeOver")}</Button>
    </div>
  );
}
