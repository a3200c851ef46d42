import { useMutation, useQueryClient, type QueryKey } from "@tanstack/react-query";
import { App } from "antd";

import { Problem } from "../api/problem";
import { useWords } from "../i18n/use-words";

/** An act on the server: its refusal is said in the server's own words, and what it changed is asked for anew. */
export function useAct<Given, Done>(act: (given: Given) => Promise<Done>, changes: readonly QueryKey[], done: (answer: Done) => void = () => undefined) {
  const { t, say } = useWords();
  const { notification } = App.useApp();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: done,
    onError: (error) =>
      notification.error({ title: error instanceof Problem ? say(error.sentence) : t("error.unexpected"), placement: "top" }),
    onSettled: () => Promise.all(changes.map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
