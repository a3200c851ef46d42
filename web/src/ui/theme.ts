import { theme, type ThemeConfig } from "antd";

import type { Language } from "./time";

/** Colour has one meaning everywhere: green ready, blue in call, amber attention, red refusal, grey unknown. */
type Scheme = "light" | "dark";

const CHINESE = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC"';
const LATIN = 'system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans"';

/** A Chinese font sets quotation marks and dashes as wide as a character: right in Chinese, a hole in English. */
const FONT: Record<Language, string> = {
  zh: `${CHINESE}, ${LATIN}, sans-serif`,
  en: `${LATIN}, ${CHINESE}, sans-serif`,
};

/** The edge of an open tick: 3 : 1 on every surface, as for whatever is pressed. */
const TICK_ON_DARK = "#7b8797";

const LINK: Record<Scheme, string> = { light: "#0958d9", dark: "#7fb0ff" };

/** Seeds chosen so that text in each colour has 4.5 : 1 on its own background and white on the solid ones. */
const SEEDS: Record<Scheme, NonNullable<ThemeConfig["token"]>> = {
  light: {
    colorPrimary: "#0958d9",
    colorPrimaryHover: "#0a4ab5",
    colorInfo: "#0958d9",
    colorSuccess: "#237804",
    colorWarning: "#ad4e00",
    colorWarningBg: "#fff3e0",
    colorWarningBorder: "#e0b070",
    colorError: "#cf1322",
    colorLink: LINK.light,
    colorTextBase: "#141a24",
    colorBgLayout: "#f3f5f8",
    colorTextSecondary: "#4a5464",
    colorTextTertiary: "#5f6979",
    colorTextDescription: "#566070",
    colorTextPlaceholder: "#667080",
    colorTextDisabled: "#6b7482",
  },
  dark: {
    colorPrimary: "#3c7df0",
    colorPrimaryHover: "#2f62bd",
    colorInfo: "#3c7df0",
    colorSuccess: "#5fbf2f",
    colorWarning: "#e8a33a",
    colorError: "#f0565a",
    colorLink: LINK.dark,
    colorTextBase: "#f2f5fa",
    colorBgContainer: "#151c25",
    colorBgElevated: "#1b2430",
    colorBorder: "#384452",
    colorBorderSecondary: "#2a3440",
    colorSplit: "#2a3440",
    colorBgLayout: "#0b0f15",
    colorTextSecondary: "#b9c2cf",
    colorTextTertiary: "#98a3b3",
    colorTextDescription: "#a3adbb",
    colorTextPlaceholder: "#8f9aaa",
    colorTextDisabled: "#8b95a4",
  },
};

export function themeOf(scheme: Scheme, language: Language): ThemeConfig {
  const link = LINK[scheme];
  return {
    algorithm: scheme === "dark" ? theme.darkAlgorithm : theme.defaultAlgorithm,
    cssVar: { key: "dialer" },
    hashed: false,
    token: {
      ...SEEDS[scheme],
      fontFamily: FONT[language],
      fontSize: 14,
      fontSizeSM: 12,
      borderRadius: 8,
      wireframe: false,
      // a movement that the stylesheet takes away never ends, and its "loading" would be read aloud for good
      motion: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      motionDurationMid: "0.12s",
      motionDurationSlow: "0.16s",
    },
    components: {
      ...(scheme === "dark" ? { Checkbox: { colorBorder: TICK_ON_DARK } } : {}),
      Table: { cellPaddingBlockSM: 8, cellPaddingInlineSM: 12 },
      Button: { fontWeight: 500 },
      // a tab is words on the page, not a solid button
      Tabs: { itemSelectedColor: link, itemHoverColor: link, itemActiveColor: link },
    },
  };
}
