import { UserOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Modal } from "antd";

import type { DeskLink } from "../../desk/desk-link";
import { useWords } from "../../i18n/use-words";
import { Empty, Shown } from "../../ui/states";

/** Ready colleagues of the same organisation and campaign: nobody else may take the talk. */
export function TransferDialog({ link, close }: { readonly link: DeskLink; readonly close: () => void }) {
  const { t } = useWords();
  const colleagues = useQuery({ queryKey: ["colleagues"], queryFn: link.colleagues, gcTime: 0, refetchInterval: 3_000 });
  const hand = (to: string): void => {
    close();
    void link.transfer(to);
  };
  return (
    <Modal open title={t("transfer.title")} onCancel={close} footer={null} width={420}>
      <p className="meta">{t("transfer.who")}</p>
      <Shown asked={colleagues} rows={3}>
        {(found) =>
          found.length === 0 ? (
            <Empty>{t("transfer.nobody")}</Empty>
          ) : (
            <ul className="colleagues">
              {found.map(({ id, name }) => (
                <li key={id}>
                  <Button block size="large" icon={<UserOutlined />} onClick={() => hand(id)}>
                    {name}
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </Modal>
  );
}
