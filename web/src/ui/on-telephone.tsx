import { Grid } from "antd";
import type { ReactNode } from "react";

/** What a table says in a column of its own on a desk stands below another cell where there is no room for it. */
export function OnTelephone({ children }: { readonly children: ReactNode }) {
  const { md } = Grid.useBreakpoint();
  return md === false ? children : null;
}
