import { Anchor, Group, Skeleton, Stack, Text } from "@mantine/core";
import { lazy, Suspense } from "react";
import { Link } from "react-router";
import type { Project } from "../../api/requests/client";
import { useFlagUsage, type Flag, type FlagUsage } from "../../api/flags/flags";
import { insightAddress, useInsight } from "../../api/insights/insights";
import { DataTable } from "../../components/tables/DataTable";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import { Panel } from "../../components/page/Panel";
import { ReportContent } from "../../components/figures/ReportContent";
import { exactNumber, sharePercent } from "../../format/numbers";
import { exactTime } from "../../format/time";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";
import { insightPath } from "../explore/query/useInsightQuery";
import { FlagSample } from "./FlagSample";
import { valueName } from "./flagSentence";
import { evaluationsOf, usageOf, type EvaluatedFlag, type UsedFlag } from "./flagUse";

const TileResult = lazy(() => import("../dashboards/InsightTile").then(({ TileResult }) => ({ default: TileResult })));

const texts = t.flags.usage;

/** In place of a value: those beyond the bounds of what the server counts. */
const OTHER_VALUES = "*";

/** What was answered for a flag in the last 30 days: to code, as events of SDKs say, and by the server. */
export function UsagePanel({ project, flag }: { project: Project; flag: Flag }) {
  const usage = useFlagUsage(project.id);
  const used = usageOf(flag.key, usage.data);
  const evaluated = evaluationsOf(flag.key, usage.data);
  return (
    <Panel title={texts.title} actions={used ? <Links project={project} flag={flag} /> : null}>
      {usage.error ? <ErrorAlert title={texts.failed} error={usage.error} retry={() => void usage.refetch()} /> : null}
      {!usage.data && !usage.error ? <LoadingSkeleton height={220} radius="md" aria-busy="true" /> : null}
      {usage.data ? (
        <Stack gap="md">
          {used ? <Asked project={project} flag={flag} used={used} /> : <NotAsked project={project} flag={flag} isEvaluated={evaluated !== undefined} />}
          {evaluated ? <Evaluated project={project} evaluated={evaluated} /> : null}
          <Definitions project={project} usage={usage.data} />
        </Stack>
      ) : null}
    </Panel>
  );
}

function NotAsked({ project, flag, isEvaluated }: { project: Project; flag: Flag; isEvaluated: boolean }) {
  return (
    <Stack gap="sm">
      <Text size="sm">{isEvaluated ? texts.noEvents : texts.none}</Text>
      <Text size="sm" c="dimmed">
        {texts.noneHint}
      </Text>
      {isEvaluated ? null : <FlagSample project={project} flag={flag} />}
    </Stack>
  );
}

function Evaluated({ project, evaluated: { evaluations, last_evaluated_at: last, values } }: { project: Project; evaluated: EvaluatedFlag }) {
  const { value, evaluated, share } = texts.columns;
  return (
    <div>
      <DataTable
        caption={texts.evaluated(evaluations, exactNumber(evaluations), exactTime(last, project.timezone))}
        columns={[value, evaluated, share]}
        rows={values.map((one) => ({ key: one.value, cells: [one.value === OTHER_VALUES ? texts.otherValues : valueName(one.value), exactNumber(one.evaluations), sharePercent(one.evaluations / evaluations)] }))}
      />
      <Text size="xs" c="dimmed" mt={6}>
        {texts.evaluatedHint}
      </Text>
    </div>
  );
}

function Definitions({ project, usage }: { project: Project; usage: FlagUsage }) {
  const { definitions_requests: count, definitions_requested_at: last } = usage;
  return last === null ? null : (
    <Text size="xs" c="dimmed">
      {texts.definitions(count, exactNumber(count), exactTime(last, project.timezone))}
    </Text>
  );
}

function Asked({ project, flag, used }: { project: Project; flag: Flag; used: UsedFlag }) {
  const chart = useInsight(project.id, "trends", answersQuery(flag.key));
  return (
    <Stack gap="md">
      <ReportContent result={chart} zone={project.timezone}>
        {(insight) => (
          <Suspense fallback={<Skeleton height={280} radius="lg" />}>
            <TileResult project={project.id} insight={insight} view={STACKED} receivedAt={chart.dataUpdatedAt} path={insightAddress(project.id, "trends")} />
          </Suspense>
        )}
      </ReportContent>
      <DataTable
        caption={texts.asked(exactNumber(used.calls), exactTime(used.last_called_at, project.timezone))}
        columns={[texts.columns.value, texts.columns.calls, texts.columns.share, texts.columns.users]}
        rows={used.values.map(({ value, calls, persons }) => ({
          key: String(value),
          cells: [value === null ? texts.noAnswer : valueName(value), exactNumber(calls), sharePercent(calls / used.calls), exactNumber(persons)],
        }))}
      />
    </Stack>
  );
}

const STACKED = { chart: "stacked-columns" };

function Links({ project, flag }: { project: Project; flag: Flag }) {
  // PostHog's SDKs send the values of flags with every event.
  const byValue = { series: [{}], breakdown: { property: `$feature/${flag.key}` }, period: "30d" };
  return (
    <Group gap="sm">
      <Anchor component={Link} size="sm" to={insightPath(project.id, "trends", answersQuery(flag.key))}>
        {texts.explore}
      </Anchor>
      <Anchor component={Link} size="sm" to={insightPath(project.id, "trends", byValue)}>
        {texts.byValue}
      </Anchor>
    </Group>
  );
}

/** The answers of 30 days, by value and day. */
function answersQuery(key: string): Record<string, unknown> {
  const filters = { property: "$feature_flag", operator: "is", value: [key] };
  return { series: [{ event: "$feature_flag_called", filters }], breakdown: { property: "$feature_flag_response" }, period: "30d", interval: "day" };
}
