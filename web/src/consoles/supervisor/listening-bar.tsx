import { CustomerServiceOutlined, LogoutOutlined } from "@ant-design/icons";
import { App, Button } from "antd";
import { useEffect } from "react";

import type { ListeningLink } from "../../floor/listening-link";
import { useWords } from "../../i18n/use-words";
import { useFollowed } from "../../ui/use-store";

/** In whose talk the supervisor is, and the way out; shown for as long as it lasts. */
export function ListeningBar({ link }: { readonly link: ListeningLink }) {
  const { t, say } = useWords();
  const { notification } = App.useApp();
  const state = useFollowed(link.state);
  const trouble = state.kind === "out" ? state.trouble : null;
  useEffect(() => {
    if (trouble === null) return;
    notification.warning({ title: say(trouble), placement: "top" });
    link.state.send({ type: "left" });
  });
  if (state.kind === "out") return null;
  return (
    <div className="listening-bar" role="status">
      <CustomerServiceOutlined aria-hidden />
      <span className="grow">
        {t(state.kind === "joining" ? "listening.joining" : `listening.in.${state.ear}`, { name: state.name })}
      </span>
      <Button icon={<LogoutOutlined />} onClick={() => void link.leave()}>
        {t("listening.leave")}
      </Button>
    </div>
  );
}
