import { createContext } from "react";

import type { EventLine } from "../api/events";

/** The session's event line, for pages that keep a view of their own. */
export const LineContext = createContext<EventLine | null>(null);
