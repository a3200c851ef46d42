import { Button, Tooltip, type ButtonProps } from "antd";

/**
 * A button that may be blocked: it never greys out without its sentence. Blocked, it stays reachable by keyboard and
 * screen reader (aria-disabled), says why, and does nothing.
 */
export function MaybeButton({
  act,
  why,
  ...rest
}: Omit<ButtonProps, "onClick" | "disabled"> & { readonly act: (() => void) | null; readonly why: string }) {
  if (act !== null) return <Button {...rest} onClick={act} />;
  return (
    <Tooltip title={why}>
      <Button
        {...rest}
        type={rest.type === "primary" ? "default" : (rest.type ?? "default")}
        className={`${rest.className ?? ""} blocked`}
        aria-disabled
        aria-description={why}
        danger={false}
        onClick={(event) => event.preventDefault()}
      />
    </Tooltip>
  );
}
