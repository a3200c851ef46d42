import { ClearOutlined, DiffOutlined, FolderOpenOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useNavigate } from "react-router";

import { useWords } from "../../i18n/use-words";
import { basket } from "../../trail/basket";
import { MaybeButton } from "../../ui/blocked";
import { useFollowed } from "../../ui/use-store";

import "./audit.css";

/** What has been laid aside, and what can be done with it: compare two, or put many into one dossier. */
export function BasketBar() {
  const { t } = useWords();
  const navigate = useNavigate();
  const laid = useFollowed(basket);
  const [first, second] = laid;
  if (laid.length === 0) return null;
  const compare = laid.length === 2 && first !== undefined && second !== undefined;
  return (
    <section className="basket-bar" aria-label={t("basket.title")}>
      <strong role="status">{t("basket.count", { count: laid.length })}</strong>
      <span className="grow" />
      <MaybeButton
        icon={<DiffOutlined />}
        act={compare ? () => void navigate(`/compare?first=${encodeURIComponent(first)}&second=${encodeURIComponent(second)}`) : null}
        why={t("basket.twoOnly")}
      >
        {t("basket.compare")}
      </MaybeButton>
      <Button type="primary" icon={<FolderOpenOutlined />} onClick={() => void navigate("/dossiers")}>
        {t("basket.dossier")}
      </Button>
      <Button icon={<ClearOutlined />} onClick={() => basket.send({ type: "emptied" })}>
        {t("basket.empty")}
      </Button>
    </section>
  );
}
