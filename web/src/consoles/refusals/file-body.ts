/** The body of a request that sends one file. */
export function fileBody(file: File): { readonly body: { readonly file: string }; readonly bodySerializer: () => FormData } {
  return {
    body: { file: "" },
    bodySerializer: () => {
      const form = new FormData();
      form.set("file", file);
      return form;
    },
  };
}
