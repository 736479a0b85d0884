import { Alert, Badge, Group, List, Select, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle, IconScale } from "@tabler/icons-react";
import { useState } from "react";
import type { Project } from "../../api/requests/client";
import { useExperimentResults, type Experiment, type ExperimentResults } from "../../api/flags/experiments";
import { useSegments } from "../../api/insights/segments";
import { useShownResult } from "../../api/cache/useShownResult";
import { DataTable } from "../../components/tables/DataTable";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import { Panel } from "../../components/page/Panel";
import { exactNumber, sharePercent } from "../../format/numbers";
import { dayName } from "../../format/time";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { t } from "../../texts";
import { DecisionPanel } from "./DecisionPanel";
import { daysRun, STATUS_COLOURS, statusName, statusOf } from "./experimentStatus";
import { pValue, variantName } from "./metricFormat";
import { MetricTables } from "./MetricTables";
import { SegmentsPanel } from "./SegmentsPanel";
import { TimelinePanel } from "./TimelinePanel";
import { verdictOf, type Verdict } from "./verdict";

const EVERYBODY = "all";

interface ExperimentViewProps {
  project: Project;
  experiment: Experiment;
  canEdit: boolean;
}

/** An experiment: what it says, how sure that is, and what was decided. */
export function ExperimentView({ project, experiment, canEdit }: ExperimentViewProps) {
  const [segment, setSegment] = useState<number | null>(null);
  const [opened] = useState(() => Date.now());
  const hasBegun = new Date(experiment.starts_at).getTime() <= opened;
  const results = useExperimentResults(project.id, hasBegun ? experiment.id : null, segment);
  const { shown, isOutdated } = useShownResult(results);
  const verdict = shown ? verdictOf(shown, experiment.planned_sample) : null;
  const segments = useSegments(project.id, true);
  return (
    <>
      <Group gap="xs">
        <Badge variant="light" tt="none" color={STATUS_COLOURS[statusOf(experiment, opened)]}>
          {statusName(experiment, opened)}
        </Badge>
        {hasBegun ? (
          <Text size="sm" c="dimmed">
            {t.experiments.since(dayName(experiment.starts_at, project.timezone), daysRun(experiment, opened))}
          </Text>
        ) : null}
      </Group>
      {hasBegun ? null : (
        <Alert color="gray" icon={<IconInfoCircle size={18} />}>
          {t.experiments.startsLater(dayName(experiment.starts_at, project.timezone))}
        </Alert>
      )}
      {results.error ? <ErrorAlert title={t.experiments.resultsNotLoaded} error={results.error} retry={() => void results.refetch()} /> : null}
      {hasBegun && !shown && !results.error ? <LoadingSkeleton height={320} radius="lg" aria-busy="true" /> : null}
      {shown ? (
        <Stack gap="var(--tm-gap)" aria-busy={isOutdated} data-outdated={isOutdated}>
          {segments.data && segments.data.length > 0 ? (
            <Select
              label={t.experiments.segmentOf}
              w={260}
              maw="100%"
              allowDeselect={false}
              data={[{ value: EVERYBODY, label: t.experiments.everybody }, ...segments.data.map(({ id, name }) => ({ value: String(id), label: name }))]}
              value={segment === null ? EVERYBODY : String(segment)}
              onChange={(value) => {
                setSegment(value === null || value === EVERYBODY ? null : Number(value));
              }}
            />
          ) : null}
          {verdict ? <VerdictNotice results={shown} verdict={verdict} /> : null}
          <MetricTables results={shown} />
          <TimelinePanel project={project} results={shown} />
          <Exposures results={shown} />
          <SegmentsPanel project={project} experiment={experiment} />
        </Stack>
      ) : null}
      <DecisionPanel project={project} experiment={experiment} canEdit={canEdit} hasBegun={hasBegun} winner={verdict?.winner ?? null} />
    </>
  );
}

const COLOURS = { found: "tide", open: "gray", warning: "coral" } as const;

function VerdictNotice({ results, verdict: { tone, sentences } }: { results: ExperimentResults; verdict: Verdict }) {
  return (
    <>
      <Alert color={COLOURS[tone]} icon={<IconScale size={18} />} title={t.experiments.results} role="status">
        {sentences.map((sentence) => (
          <Text key={sentence} size="sm" style={{ overflowWrap: "anywhere" }}>
            {sentence}
          </Text>
        ))}
      </Alert>
      {results.sample_ratio.is_mismatch ? (
        <Alert color="coral" icon={<IconAlertTriangle size={18} />} title={t.experiments.mismatch.title} role="alert">
          <Text size="sm">{t.experiments.mismatch.note(pValue(results.sample_ratio.p_value))}</Text>
          <List size="sm" mt="xs">
            {t.experiments.mismatch.causes.map((cause) => (
              <List.Item key={cause}>{cause}</List.Item>
            ))}
          </List>
        </Alert>
      ) : null}
    </>
  );
}

function Exposures({ results }: { results: ExperimentResults }) {
  const { exposures, excluded_persons: excluded } = results;
  const all = exposures.reduce((sum, { persons }) => sum + persons, 0);
  const planned = exposures.reduce((sum, one) => sum + one.planned_share, 0);
  return (
    <Panel title={t.experiments.exposures}>
      <DataTable
        caption={t.experiments.exposures}
        columns={Object.values(t.experiments.exposureColumns)}
        rows={exposures.map(({ variant, persons, planned_share: share }, index) => ({
          key: variant,
          cells: [
            variantName(variant, index === 0),
            exactNumber(persons),
            all === 0 ? t.common.none : sharePercent(persons / all),
            sharePercent(share / planned),
          ],
        }))}
      />
      {excluded > 0 ? (
        <Text size="xs" c="dimmed">
          {t.experiments.excluded(excluded)}
        </Text>
      ) : null}
    </Panel>
  );
}
