/** Shapes of a check's end: each is another form, not only another colour. */
const PATHS = {
  pass: "M8 0a8 8 0 1 0 0 16A8 8 0 0 0 8 0Zm-1.1 11.4L3.6 8.1l1.2-1.2 2.1 2.1 4.3-4.3 1.2 1.2Z",
  fail: "M8 0a8 8 0 1 0 0 16A8 8 0 0 0 8 0Zm3.2 10-1.2 1.2-2-2-2 2L4.8 10l2-2-2-2L6 4.8l2 2 2-2L11.2 6l-2 2Z",
  skip: "M3 7h10v2H3Z",
  unreached: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm0 1.5a5 5 0 1 1 0 10A5 5 0 0 1 8 3Z",
  waiting: "M8 6.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3Z",
} as const;

/** A mark; without a label the words beside it say the same. */
export function Mark({ end, label }: { readonly end: keyof typeof PATHS; readonly label: string }) {
  return (
    <svg className="mark" viewBox="0 0 16 16" width="14" height="14" {...(label === "" ? { "aria-hidden": true } : { role: "img", "aria-label": label })}>
      <path d={PATHS[end]} fill="currentColor" fillRule="evenodd" />
    </svg>
  );
}
