import { Alert, Modal, Typography } from "antd";

import type { TicketView } from "../../api/models";
import { useWords } from "../../i18n/use-words";
import { dayTime } from "../../ui/time";
import { useNow } from "../../ui/use-now";

/** The token stands behind the #, which no browser sends to any server and no log keeps. */
function linkOf(ticket: TicketView): string {
  return `${location.origin}/welcome#${ticket.token}`;
}

/** A one-time link, shown this once. */
export function LinkDialog({ ticket, close }: { readonly ticket: TicketView; readonly close: () => void }) {
  const { t, lang } = useWords();
  const now = useNow();
  return (
    <Modal
      open
      title={t(`people.link.${ticket.kind}`, { name: ticket.person.name })}
      okText={t("people.linkKept")}
      onOk={close}
      onCancel={close}
      cancelButtonProps={{ hidden: true }}
      mask={{ closable: false }}
    >
      <Alert showIcon type="warning" title={t("people.linkOnce", { until: dayTime(ticket.expires_at, lang, now) })} />
      <Typography.Paragraph className="one-link mono" copyable={{ text: linkOf(ticket) }}>
        {linkOf(ticket)}
      </Typography.Paragraph>
      <p className="meta">{t("people.linkHow")}</p>
    </Modal>
  );
}
