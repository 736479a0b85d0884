import { useLocalStorage } from "@mantine/hooks";
import type { Goal } from "../../api/insights/goals";
import { METRICS, type Metric, type MetricKey } from "../../features/metrics";
import { t } from "../../texts";

/** Those of a project in which nobody has chosen any. */
export const DEFAULT_FIGURES = ["unique_users", "new_users", "unique_sessions", "page_views", "total_events"] as const satisfies readonly MetricKey[];
export const MAX_FIGURES = 6;

/** A metric of the project, or of a goal: its visitors, or the sum of its property. */
export type FigureName = (typeof DEFAULT_FIGURES)[number] | GoalFigure;
type GoalFigure = `goal:${string}` | `goal_value:${string}`;

/** The figures that were chosen for a project in this browser, and the function that chooses others; null: the default ones. */
export function useChosenFigures(projectId: number): [readonly FigureName[] | null, (names: readonly FigureName[] | null) => void] {
  const [chosen, setChosen] = useLocalStorage<readonly FigureName[] | null>({
    key: `tidemark-home-figures-${String(projectId)}`,
    defaultValue: null,
    // Otherwise the default figures would be asked for first.
    getInitialValueInEffect: false,
    deserialize: (text) => figureNames(text),
  });
  return [chosen, setChosen];
}

/** Whether a figure is of a goal. */
export function isOfGoal(name: string): name is GoalFigure {
  return /^goal(_value)?:[1-9]\d{0,8}$/.test(name);
}

/** The goal that a figure is of; undefined: it is of none, the goal is gone, or on its way. */
export function goalOf(name: string, goals: readonly Goal[]): Goal | undefined {
  return isOfGoal(name) ? goals.find(({ id }) => String(id) === name.split(":")[1]) : undefined;
}

/** What a figure is called, and what it counts. */
export function describeFigure(name: string, goals: readonly Goal[]): Metric {
  if (!isOfGoal(name)) return METRICS[name as MetricKey];
  const goal = goalOf(name, goals);
  if (!goal) return { name: t.common.none, explanation: "", unit: "count", good: "up" };
  const property = name.startsWith("goal_value:") ? goal.value_property : null;
  return property === null
    ? { name: goal.name, explanation: t.home.figures.goal(goal.name), unit: "count", good: "up" }
    : { name: t.home.figures.valueName(goal.name, property), explanation: t.home.figures.value(goal.name, property), unit: "count", good: "up" };
}

/** Every figure that can be chosen. */
export function offeredFigures(goals: readonly Goal[]): FigureName[] {
  const ofGoals = goals.flatMap(({ id, value_property: property }): FigureName[] => [
    `goal:${String(id)}`,
    ...(property === null ? [] : [`goal_value:${String(id)}` as const]),
  ]);
  return [...DEFAULT_FIGURES, ...ofGoals];
}

function figureNames(text: string | undefined): readonly FigureName[] | null {
  try {
    const parsed: unknown = JSON.parse(text ?? "null");
    if (!Array.isArray(parsed)) return null;
    const names = parsed.filter((one): one is FigureName => typeof one === "string" && (isOfGoal(one) || DEFAULT_FIGURES.some((name) => name === one)));
    return names.length > 0 ? names.slice(0, MAX_FIGURES) : null;
  } catch {
    return null;
  }
}
