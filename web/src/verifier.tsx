import { useEffect } from "react";
import { createRoot } from "react-dom/client";

import { StrangersFrame } from "./consoles/verify/strangers-frame";
import VerifyPage from "./consoles/verify/verify-page";
import { speak } from "./i18n";
import { preferences } from "./ui/preferences";
import { useFollowed } from "./ui/use-store";
import "./ui/base.css";

/** The verifier as a page of its own: one file, opened from a disk, with nobody to ask and nothing that it could send. */
function Verifier() {
  const { language } = useFollowed(preferences);
  useEffect(() => void speak(language), [language]);
  return (
    <StrangersFrame>
      <VerifyPage installation={null} />
    </StrangersFrame>
  );
}

async function open(): Promise<void> {
  const place = document.getElementById("root");
  if (place === null) throw new Error("the page has no #root");
  document.documentElement.dataset.scheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  await speak(preferences.get().language);
  createRoot(place).render(<Verifier />);
}

void open();
