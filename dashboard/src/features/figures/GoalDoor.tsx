import type { ReactNode } from "react";
import type { FigureQuestion, ReportBody } from "../../api/reports/figures";
import type { Goal } from "../../api/insights/goals";
import { Door } from "../../components/figures/Door";
import { t } from "../../texts";
import { goalQuestion } from "./questions";

/** The visitors who reached a goal. undefined: the goal is on its way. */
export function GoalDoor({ goal, body, children }: { goal: Goal | undefined; body: ReportBody; children: ReactNode }) {
  return (
    <Door figure={t.goals.reachedBy(goal?.name ?? "")} question={goal ? question(goal, body) : null}>
      {children}
    </Door>
  );
}

/** Filters pass whole visits here; without them an insight has the same figure. */
function question(goal: Goal, body: ReportBody): FigureQuestion {
  return body.filters === undefined ? goalQuestion(body, goal) : { kind: "web", query: body, point: { event: goal.selector } };
}
