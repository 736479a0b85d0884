import type { Kind } from "../../api/insights";

/** What each kind of insight is called, and what it tells. */
export const KIND_LABELS: Record<Kind, { name: string; note: string }> = {
  trends: { name: "Trends", note: "How much, over time" },
  funnel: { name: "Funnel", note: "How many persons go from step to step, and where they stop" },
  retention: { name: "Retention", note: "How many persons come back" },
  stickiness: { name: "Stickiness", note: "On how many days, weeks or months persons come" },
  lifecycle: { name: "Lifecycle", note: "Who is new, comes again, comes back, or stays away" },
  breakdown: { name: "Breakdown", note: "Events and persons by value of a property" },
  paths: { name: "Paths", note: "What comes after what, within a visit" },
};
