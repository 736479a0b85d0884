import { Autocomplete, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import type { Project } from "../../api/requests/client";
import { usePropertyNames } from "../../api/events/definitions";
import { useExperimentSegments, type Experiment, type ExperimentSegments } from "../../api/flags/experiments";
import { DataTable } from "../../components/tables/DataTable";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import { Panel } from "../../components/page/Panel";
import { exactNumber, sharePercent } from "../../format/numbers";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { STANDARD_PROPERTIES } from "../../report/standardProperties";
import { t } from "../../texts";
import { liftPercent } from "./metricFormat";
import { primaryMetric } from "./verdict";

const TYPING_MS = 500;

/** The primary metric by the values of a property that users had when they first met the experiment. */
export function SegmentsPanel({ project, experiment }: { project: Project; experiment: Experiment }) {
  const [typed, setTyped] = useState("");
  const [property] = useDebouncedValue(typed.trim(), TYPING_MS);
  const own = usePropertyNames(project.id).filter((name) => !STANDARD_PROPERTIES.includes(name));
  const segments = useExperimentSegments(project.id, experiment.id, property);
  return (
    <Panel title={t.experiments.segments}>
      <Stack gap="xs">
        <Autocomplete
          label={t.experiments.segmentProperty}
          maw={320}
          maxLength={200}
          limit={100}
          openOnFocus={false}
          data={[
            { group: t.insights.standardProperties, items: [...STANDARD_PROPERTIES] },
            ...(own.length > 0 ? [{ group: t.insights.yourProperties, items: own }] : []),
          ]}
          value={typed}
          onChange={setTyped}
        />
        {segments.error ? <ErrorAlert title={t.experiments.segmentFailed} error={segments.error} retry={() => void segments.refetch()} /> : null}
        {property !== "" && segments.isPending ? <LoadingSkeleton height={120} radius="md" aria-busy="true" /> : null}
        {segments.data ? <SegmentTable property={property} found={segments.data} /> : null}
      </Stack>
    </Panel>
  );
}

function SegmentTable({ property, found }: { property: string; found: ExperimentSegments }) {
  const { segments, confidence } = found;
  const [first] = segments;
  const metric = first ? primaryMetric(first) : undefined;
  if (!first || !metric) {
    return (
      <Text size="sm" c="dimmed">
        {t.experiments.segmentNone}
      </Text>
    );
  }
  return (
    <DataTable
      caption={t.experiments.segmentNote(sharePercent(confidence), metric.name)}
      columns={[property, t.experiments.resultColumns.users, ...metric.comparisons.map(({ variant }) => variant)]}
      rows={segments.map((one, index) => ({
        key: String(index),
        cells: [
          one.value ?? t.experiments.noValue,
          exactNumber(one.exposures.reduce((sum, { persons }) => sum + persons, 0)),
          ...(primaryMetric(one)?.comparisons ?? []).map(({ lift: { size, sequence } }) =>
            sequence.low === null
              ? t.common.none
              : `${liftPercent(size)} (${t.experiments.between(liftPercent(sequence.low), liftPercent(sequence.high))})`,
          ),
        ],
      }))}
    />
  );
}
