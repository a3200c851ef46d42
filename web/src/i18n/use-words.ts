import { useTranslation } from "react-i18next";

import type { Sentence } from "../api/models";
import { preferences } from "../ui/preferences";
import { useFollowed } from "../ui/use-store";
import type { Language } from "../ui/time";

/** The chosen language: `t` for our own words, `say` for sentences that the server gives in both. */
export function useWords() {
  const { t } = useTranslation();
  const lang: Language = useFollowed(preferences).language;
  const say = (sentence: Sentence): string => sentence[lang];
  return { t, say, lang };
}
