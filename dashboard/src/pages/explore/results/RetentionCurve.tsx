import type { RetentionResult } from "../../../api/insights/insights";
import { CurveChart } from "../../../charts/CurveChart";
import { ChoiceBar } from "../../../components/forms/ChoiceBar";
import { Panel } from "../../../components/page/Panel";
import { sharePercent } from "../../../format/numbers";
import { cohortName } from "../../../format/time";
import { t } from "../../../texts";
import { useView } from "../query/view";

/** The intervals that the industry compares. */
const PICKED = [1, 7, 30];

interface RetentionCurveProps {
  result: RetentionResult;
  /** The share of all who came back after 0, 1, 2 … intervals. */
  mean: (number | null)[];
  /** When the result was received, in milliseconds since 1970. */
  receivedAt: number;
}

/** How the share of users who come back falls with time; or that of one interval, cohort by cohort. */
export function RetentionCurve({ result, mean, receivedAt }: RetentionCurveProps) {
  const [view, setView] = useView();
  const texts = t.insights.retention;
  const { interval, timezone, cohorts, to } = result;
  const choices = PICKED.filter((number) => number < mean.length);
  const day = choices.find((number) => String(number) === view.day) ?? null;
  const isRunning = new Date(to).getTime() > receivedAt;
  const points =
    day === null
      ? // Everybody is there on day 0, which would press the curve to the ground.
        mean.flatMap((share, index) => (share === null || (index === 0 && mean.length > 1) ? [] : [{ name: texts.column(interval, index), value: share, users: null }]))
      : cohorts
          .filter(({ size, returned }) => size > 0 && day < returned.length - (isRunning ? 1 : 0))
          .map(({ date, size, returned }) => ({ name: cohortName(date, interval, timezone), value: (returned[day] ?? 0) / size, users: size }));
  if (points.length === 0) return null;
  const title = day === null ? texts.curve : texts.dayOverTime(texts.column(interval, day));
  return (
    <Panel
      title={title}
      actions={
        choices.length > 0 ? (
          <ChoiceBar
            label={texts.days}
            data={[
              { value: "", label: texts.curveChoice },
              ...choices.map((number) => ({ value: String(number), label: `${texts.column(interval, number)} · ${mean[number] === null || mean[number] === undefined ? t.common.none : sharePercent(mean[number])}` })),
            ]}
            value={day === null ? "" : String(day)}
            onChange={(chosen) => {
              setView({ day: chosen });
            }}
          />
        ) : null
      }
    >
      <CurveChart
        points={points}
        unit="share"
        names={{ value: texts.share, users: texts.users }}
        label={t.charts.summary(title, points.map(({ name, value }) => `${name} ${sharePercent(value)}`).join(", "))}
      />
    </Panel>
  );
}
