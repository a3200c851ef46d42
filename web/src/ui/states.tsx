import { InboxOutlined, ReloadOutlined, WarningOutlined } from "@ant-design/icons";
import { Button, Skeleton } from "antd";
import type { ReactNode } from "react";

import { Problem } from "../api/problem";
import { useWords } from "../i18n/use-words";

/** What fills this place once there is something. */
export function Empty({ children }: { readonly children: ReactNode }) {
  return (
    <div className="state">
      <InboxOutlined className="state-icon" aria-hidden />
      <p>{children}</p>
    </div>
  );
}

/** What happened, what is safe, and the way on. */
export function Failed({ error, again }: { readonly error: unknown; readonly again: (() => void) | null }) {
  const { t, say } = useWords();
  return (
    <div className="state state-failed" role="alert">
      <WarningOutlined className="state-icon" aria-hidden />
      <p>{error instanceof Problem ? say(error.sentence) : t("error.unexpected")}</p>
      {again !== null && (
        <Button icon={<ReloadOutlined />} onClick={again}>
          {t("error.again")}
        </Button>
      )}
    </div>
  );
}

/** Keeps the place while something loads. */
export function Loading({ rows }: { readonly rows: number }) {
  const { t } = useWords();
  return (
    <div className="state-loading" role="status" aria-label={t("loading")}>
      <Skeleton active title={false} paragraph={{ rows }} />
    </div>
  );
}

interface Asked<Data> {
  readonly data: Data | undefined;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly refetch: () => unknown;
}

/** A view that was asked for: its place while loading, its failure, or itself. Data once shown stay while asked again. */
export function Shown<Data>({
  asked,
  rows,
  children,
}: {
  readonly asked: Asked<Data>;
  readonly rows: number;
  readonly children: (data: Data) => ReactNode;
}) {
  if (asked.data !== undefined) return <>{children(asked.data)}</>;
  if (asked.isPending) return <Loading rows={rows} />;
  return <Failed error={asked.error} again={() => void asked.refetch()} />;
}
