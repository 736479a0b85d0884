import { Anchor, Group, Skeleton, Stack, Text } from "@mantine/core";
import { lazy, Suspense } from "react";
import { Link } from "react-router";
import type { Project } from "../../api/requests/client";
import { useFlagUsage, type Flag } from "../../api/flags/flags";
import { insightAddress, useInsight } from "../../api/insights/insights";
import { CopyField } from "../../components/text/CopyField";
import { DataTable } from "../../components/tables/DataTable";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import { Panel } from "../../components/page/Panel";
import { ReportContent } from "../../components/figures/ReportContent";
import { exactNumber, sharePercent } from "../../format/numbers";
import { exactTime } from "../../format/time";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";
import { insightPath } from "../explore/query/useInsightQuery";
import { flagSample } from "./flagSample";
import { valueName } from "./flagSentence";
import { usageOf, type UsedFlag } from "./flagUse";

const TileResult = lazy(() => import("../dashboards/InsightTile").then(({ TileResult }) => ({ default: TileResult })));

const texts = t.flags.usage;

/** What code was answered for a flag in the last 30 days, as the events of SDKs say. */
export function UsagePanel({ project, flag }: { project: Project; flag: Flag }) {
  const usage = useFlagUsage(project.id);
  const used = usageOf(flag.key, usage.data);
  return (
    <Panel title={texts.title} actions={used ? <Links project={project} flag={flag} /> : null}>
      {usage.error ? <ErrorAlert title={texts.failed} error={usage.error} retry={() => void usage.refetch()} /> : null}
      {!usage.data && !usage.error ? <LoadingSkeleton height={220} radius="md" aria-busy="true" /> : null}
      {usage.data && !used ? <NotAsked project={project} flag={flag} /> : null}
      {used ? <Asked project={project} flag={flag} used={used} /> : null}
    </Panel>
  );
}

function NotAsked({ project, flag }: { project: Project; flag: Flag }) {
  return (
    <Stack gap="sm">
      <Text size="sm">{texts.none}</Text>
      <Text size="sm" c="dimmed">
        {texts.noneHint}
      </Text>
      {project.public_key === null ? null : <CopyField label={t.flags.sample} value={flagSample(window.location.origin, project.public_key, flag.key)} />}
    </Stack>
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
