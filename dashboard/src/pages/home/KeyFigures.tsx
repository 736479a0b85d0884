import { Skeleton } from "@mantine/core";
import { lazy, Suspense, type ReactNode } from "react";
import type { Goal } from "../../api/insights/goals";
import { reportBody, type FigureQuestion } from "../../api/reports/figures";
import type { KeyMetric, KeyMetrics, KeyMetricsQuery } from "../../api/reports/home";
import { TimeChart } from "../../charts/TimeChart";
import type { Note } from "../../charts/timeChartData";
import { ChartPanel } from "../../components/figures/ChartPanel";
import { Door } from "../../components/figures/Door";
import { Kpi, KpiStrip } from "../../components/figures/Kpi";
import { useAddressState } from "../../components/page/useAddressState";
import type { Metric } from "../../features/metrics";
import { daysOf, rangeName } from "../../format/time";
import { exactValue } from "../../format/units";
import { t } from "../../texts";
import { notesOf, peakOf, pointsOf, previousPoints, questionOf, shownMetrics } from "./figures";
import { DEFAULT_FIGURES, describeFigure } from "./homeFigures";

const FigureTable = lazy(() => import("./FigureTable"));

interface KeyFiguresProps {
  /** undefined: on its way. */
  answer: KeyMetrics | undefined;
  /** With what it was asked for. */
  asked: KeyMetricsQuery | undefined;
  /** When it was received, in milliseconds since 1970. */
  receivedAt: number;
  /** Whether the chart has a line for the previous period. */
  withPrevious: boolean;
  annotations: readonly Note[];
  /** Those of the project, once figures are of any. */
  goals: readonly Goal[];
  /** The choice of the figures. */
  choice: ReactNode;
  /** What stands below the chart. */
  children?: ReactNode;
}

/** The main figures side by side; the selected one over time. */
export function KeyFigures({ answer, asked, receivedAt, withPrevious, annotations, goals, choice, children }: KeyFiguresProps) {
  const [chosen, setChosen] = useAddressState("metric");
  const shown = answer ? shownMetrics(answer, asked?.metric !== undefined) : undefined;
  const keys: readonly string[] = shown?.map(({ metric }) => metric) ?? asked?.metric ?? DEFAULT_FIGURES;
  const selected = keys.find((key) => key === chosen) ?? keys[0] ?? DEFAULT_FIGURES[0];
  const texts = describeFigure(selected, goals);
  const body = reportBody(asked ?? {});
  const current = shown?.find(({ metric }) => metric === selected);
  return (
    <>
      <KpiStrip label={t.home.keyFigures}>
        {keys.map((key) => (
          <Figure
            key={key}
            texts={describeFigure(key, goals)}
            figure={shown?.find(({ metric }) => metric === key)}
            answer={answer}
            question={answer ? questionOf(key, answer, body, goals) : null}
            isSelected={key === selected}
            onSelect={() => {
              setChosen(key === keys[0] ? "" : key);
            }}
          />
        ))}
      </KpiStrip>
      <ChartPanel
        title={t.home.chartOf(texts.name)}
        actions={choice}
        chart={
          <>
            {answer && current ? (
              <FigureChart answer={answer} metric={current} texts={texts} receivedAt={receivedAt} withPrevious={withPrevious} annotations={annotations} />
            ) : (
              <Skeleton height={280} />
            )}
            {children}
          </>
        }
        table={() =>
          answer && current ? (
            <Suspense fallback={<Skeleton height={280} />}>
              <FigureTable answer={answer} metric={current} texts={texts} question={questionOf(selected, answer, body, goals)} receivedAt={receivedAt} />
            </Suspense>
          ) : null
        }
      />
    </>
  );
}

interface FigureProps {
  texts: Metric;
  figure: KeyMetric | undefined;
  answer: KeyMetrics | undefined;
  /** null: nothing leads to its users. */
  question: FigureQuestion | null;
  isSelected: boolean;
  onSelect: () => void;
}

function Figure({ texts: { name, explanation, unit, good }, figure, answer, question, isSelected, onSelect }: FigureProps) {
  const { previous_from: from, previous_to: to } = answer ?? {};
  return (
    <Kpi
      label={name}
      explanation={explanation}
      unit={unit}
      good={good}
      value={figure?.value}
      previous={
        answer && from && to && figure?.previous
          ? { value: figure.previous.value, name: daysOf(from, to, answer.timezone) }
          : undefined
      }
      notes={answer && figure ? notesOf(figure, answer, unit) : []}
      spark={figure ? { values: figure.days ?? figure.series, peak: figure.record?.value } : undefined}
      isSelected={isSelected}
      onSelect={onSelect}
      figure={(text) => (
        <Door figure={answer ? t.home.figureOf(name, rangeName(answer.from, answer.to, answer.timezone)) : name} question={figure?.value ? question : null}>
          {text}
        </Door>
      )}
    />
  );
}

interface FigureChartProps {
  answer: KeyMetrics;
  metric: KeyMetric;
  texts: Metric;
  receivedAt: number;
  withPrevious: boolean;
  annotations: readonly Note[];
}

function FigureChart({ answer, metric, texts: { name, unit }, receivedAt, withPrevious, annotations }: FigureChartProps) {
  const points = pointsOf(metric, answer, receivedAt);
  const openFrom = answer.in_progress ?? undefined;
  return (
    <TimeChart
      label={t.home.overTime(name, exactValue(metric.value, unit), rangeName(answer.from, answer.to, answer.timezone))}
      name={name}
      unit={unit}
      points={points}
      interval={answer.interval}
      timezone={answer.timezone}
      openFrom={openFrom}
      expected={metric.expected}
      previous={withPrevious ? previousPoints(metric, answer) : undefined}
      peak={peakOf(metric, answer, points, openFrom)}
      annotations={annotations}
    />
  );
}
