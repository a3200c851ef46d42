import { QueryClient } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";

import { resumeSession } from "./api/session";
import { App } from "./app";
import { speak } from "./i18n";
import { preferences } from "./ui/preferences";
import "./ui/base.css";

/** A view is asked for again when somebody comes back to it; the server's events keep the live ones fresh. */
const STALE_MS = 10_000;

const queries = new QueryClient({
  defaultOptions: { queries: { staleTime: STALE_MS, retry: 1, refetchOnWindowFocus: true } },
});

async function open(): Promise<void> {
  const place = document.getElementById("root");
  if (place === null) throw new Error("the page has no #root");
  await speak(preferences.get().language);
  createRoot(place).render(<App queries={queries} />);
  await resumeSession();
}

void open();
