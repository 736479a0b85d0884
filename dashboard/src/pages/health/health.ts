import type { Report } from "../../api/requests/client";

/** What came of the events that a project received, as the server answers it. */
export type Health = Report<"health">;
