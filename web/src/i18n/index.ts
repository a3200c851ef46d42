import i18next from "i18next";
import { initReactI18next } from "react-i18next";

import type { Language } from "../ui/time";

import type audit from "./audit.zh-CN.json";
import type zh from "./zh-CN.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "console";
    resources: { console: typeof zh & typeof audit };
  }
}

const HTML_LANG: Record<Language, string> = { zh: "zh-CN", en: "en" };

async function words(language: Language): Promise<object> {
  switch (language) {
    case "zh":
      return { ...(await import("./zh-CN.json")).default, ...(await import("./audit.zh-CN.json")).default };
    case "en":
      return { ...(await import("./en.json")).default, ...(await import("./audit.en.json")).default };
  }
}

/** Loads a language's words (once) and speaks it from now on. */
export async function speak(language: Language): Promise<void> {
  if (!i18next.isInitialized) {
    await i18next.use(initReactI18next).init({
      lng: language,
      resources: { [language]: { console: await words(language) } },
      defaultNS: "console",
      ns: ["console"],
      fallbackLng: false,
      interpolation: { escapeValue: false },
      partialBundledLanguages: true,
    });
  }
  if (!i18next.hasResourceBundle(language, "console")) {
    i18next.addResourceBundle(language, "console", await words(language));
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = HTML_LANG[language];
}
