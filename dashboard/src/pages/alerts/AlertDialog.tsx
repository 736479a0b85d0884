import { Group, MultiSelect, SegmentedControl, Select, SimpleGrid, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useSaveAlert, type Alert } from "../../api/alerts/alerts";
import { useChannels } from "../../api/alerts/channels";
import type { Project, SavedInsight } from "../../api/requests/client";
import { fieldError } from "../../api/requests/errors";
import { FormDialog } from "../../components/forms/FormDialog";
import { NumberField } from "../../components/forms/NumberField";
import { t } from "../../texts";
import { definitionOf, draftOf, EVERY_MINUTES, isShareThreshold, newDraft, PROJECT_WATCHES, type AlertDraft, type ProjectWatch } from "./alertDraft";
import { PreviewPanel } from "./PreviewPanel";
import { WatchFields } from "./WatchFields";
import { windowName } from "./conditionSentence";
import { unitOf, windowsOf } from "./watches";

const FIELDS = ["name", "insight_id", "watch.index", "watch.any_row", "watch.value", "watch.source", "watch.at_least", "condition.threshold", "condition.weeks", "condition.direction", "window_minutes"];

interface AlertDialogProps {
  project: Project;
  insights: readonly SavedInsight[];
  /** The alert to change; undefined: a new one. */
  alert?: Alert | undefined;
  /** The insight that a new alert watches. */
  insightId?: number | undefined;
  onClose: () => void;
}

/** The form of an alert, with what it would have done over the last 90 days. */
export function AlertDialog({ project, insights, alert, insightId, onClose }: AlertDialogProps) {
  const save = useSaveAlert(project.id, alert?.id ?? null);
  const find = (id: number | null | undefined) => insights.find((one) => one.id === id);
  const [draft, setDraft] = useState<AlertDraft>(() => (alert ? draftOf(alert) : newDraft(find(insightId))));
  const change = (changes: Partial<AlertDraft>) => {
    setDraft((before) => ({ ...before, ...changes }));
  };
  const definition = definitionOf(draft);
  const insight = find(draft.insight_id);
  const windows = windowsOf(insight, draft.watch);
  return (
    <FormDialog
      opened
      onClose={onClose}
      size="lg"
      title={alert ? t.alerts.edit : t.alerts.new}
      mutation={save}
      fields={FIELDS}
      submitLabel={alert ? t.common.save : t.alerts.create}
      isReady={draft.name.trim() !== "" && definition !== null}
      onSubmit={() => {
        if (definition) save.mutate({ ...definition, name: draft.name.trim(), channel_ids: draft.channel_ids }, { onSuccess: onClose });
      }}
    >
      <Select
        label={t.alerts.insight}
        description={t.alerts.insightHint}
        allowDeselect={false}
        searchable
        data={[
          { group: t.alerts.ofProject, items: PROJECT_WATCHES.map((value) => ({ value, label: t.alerts.project[value] })) },
          { group: t.alerts.ofInsights, items: insights.map(({ id, name }) => ({ value: String(id), label: name })) },
        ]}
        value={draft.insight_id === null ? draft.watch.kind : String(draft.insight_id)}
        error={fieldError(save.error, "insight_id")}
        onChange={(value) => {
          const chosen = find(Number(value));
          const fresh = newDraft(chosen, chosen ? undefined : (value as ProjectWatch));
          setDraft({ ...fresh, name: draft.name || fresh.name, channel_ids: draft.channel_ids });
        }}
      />
      {insight ? <WatchFields insight={insight} watch={draft.watch} error={save.error} onChange={(watch) => { change({ watch }); }} /> : null}
      <ConditionFields draft={draft} error={save.error} change={change} />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <Select
          label={t.alerts.every}
          allowDeselect={false}
          data={(Object.keys(EVERY_MINUTES) as (keyof typeof EVERY_MINUTES)[]).map((value) => ({ value, label: t.alerts.everyChoices[value] }))}
          value={draft.every}
          onChange={(value) => {
            if (value) change({ every: value });
          }}
        />
        {windows.length === 0 ? null : (
          <Select
            label={t.alerts.window}
            allowDeselect={false}
            data={[...new Set([...windows, draft.window_minutes])].map((value) => ({ value: String(value), label: windowName(value) }))}
            value={String(draft.window_minutes)}
            error={fieldError(save.error, "window_minutes")}
            onChange={(value) => {
              change({ window_minutes: Number(value) });
            }}
          />
        )}
      </SimpleGrid>
      <TextInput
        label={t.alerts.name}
        required
        withAsterisk={false}
        maxLength={200}
        value={draft.name}
        error={fieldError(save.error, "name")}
        onChange={(event) => {
          change({ name: event.currentTarget.value });
        }}
      />
      <MoreFields project={project} draft={draft} change={change} />
      <PreviewPanel projectId={project.id} timezone={project.timezone} definition={definition} />
    </FormDialog>
  );
}

interface PartProps {
  draft: AlertDraft;
  change: (changes: Partial<AlertDraft>) => void;
}

function ConditionFields({ draft, change, error }: PartProps & { error: Error | null }) {
  const { condition } = draft;
  const set = (changes: Partial<AlertDraft["condition"]>) => {
    change({ condition: { ...condition, ...changes } });
  };
  const isFixed = condition.kind === "absolute";
  const isByWeek = condition.kind === "anomaly" || (condition.kind === "change" && condition.baseline === "weeks");
  const directions = condition.kind === "change" ? t.alerts.changeDirections : t.alerts.directions;
  const unit = isFixed
    ? isShareThreshold(draft) ? t.alerts.thresholdShare : unitOf(draft.watch) === "seconds" ? t.alerts.thresholdSeconds : t.alerts.threshold
    : condition.kind === "change" ? t.alerts.thresholdPercent : t.alerts.thresholdDeviations;
  return (
    <>
      <Stack gap={4}>
        <Text size="sm" fw={500} id="alert-condition">
          {t.alerts.condition}
        </Text>
        <SegmentedControl
          aria-labelledby="alert-condition"
          data={(Object.keys(t.alerts.conditions) as (keyof typeof t.alerts.conditions)[]).map((value) => ({ value, label: t.alerts.conditions[value] }))}
          value={condition.kind}
          onChange={(kind) => {
            const threshold = kind === "absolute" ? null : kind === "change" ? 50 : 3;
            set({ kind, threshold, direction: kind === "absolute" ? "above" : "either", weeks: kind === "anomaly" ? 8 : 4 });
          }}
        />
      </Stack>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <Select
          label={t.alerts.direction}
          allowDeselect={false}
          data={(Object.keys(directions) as (keyof typeof directions)[]).filter((value) => !isFixed || value !== "either").map((value) => ({ value, label: directions[value] }))}
          value={condition.direction}
          error={fieldError(error, "condition.direction")}
          onChange={(value) => {
            if (value) set({ direction: value });
          }}
        />
        <NumberField
          label={unit}
          description={condition.kind === "anomaly" ? t.alerts.deviationsHint : undefined}
          allowDecimal
          decimalScale={4}
          inputMode="decimal"
          allowNegative={isFixed}
          value={condition.threshold}
          error={fieldError(error, "condition.threshold")}
          onChange={(threshold) => {
            set({ threshold });
          }}
        />
        {condition.kind === "change" ? (
          <Select
            label={t.alerts.baseline}
            allowDeselect={false}
            data={(Object.keys(t.alerts.baselines) as (keyof typeof t.alerts.baselines)[]).map((value) => ({ value, label: t.alerts.baselines[value] }))}
            value={condition.baseline}
            onChange={(value) => {
              if (value) set({ baseline: value });
            }}
          />
        ) : null}
        {isByWeek ? (
          <NumberField
            label={t.alerts.weeks}
            min={condition.kind === "anomaly" ? 4 : 1}
            max={12}
            value={condition.weeks}
            error={fieldError(error, "condition.weeks")}
            onChange={(weeks) => {
              set({ weeks: weeks ?? 4 });
            }}
          />
        ) : null}
      </SimpleGrid>
    </>
  );
}

function MoreFields({ project, draft, change }: PartProps & { project: Project }) {
  const channels = useChannels(project.id).data ?? [];
  const quiet = draft.quiet_hours;
  return (
    <>
      {channels.length > 0 ? (
        <MultiSelect
          label={t.alerts.channels}
          description={t.alerts.channelsHint}
          data={channels.map(({ id, name }) => ({ value: String(id), label: name }))}
          value={draft.channel_ids.map(String)}
          onChange={(ids) => {
            change({ channel_ids: ids.map(Number) });
          }}
        />
      ) : null}
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <NumberField
          label={t.alerts.evaluations}
          description={t.alerts.evaluationsHint}
          min={1}
          max={20}
          value={draft.evaluations}
          onChange={(value) => {
            change({ evaluations: value ?? 1 });
          }}
        />
        <NumberField
          label={t.alerts.minSample}
          description={t.alerts.minSampleHint}
          value={draft.min_sample}
          onChange={(value) => {
            change({ min_sample: value ?? 0 });
          }}
        />
      </SimpleGrid>
      <Switch
        label={t.alerts.quiet}
        description={t.alerts.quietHint(project.timezone)}
        checked={quiet !== null}
        onChange={(event) => {
          change({ quiet_hours: event.currentTarget.checked ? { start: "22:00", end: "07:00" } : null });
        }}
      />
      {quiet ? (
        <Group>
          {(["start", "end"] as const).map((end) => (
            <TextInput
              key={end}
              type="time"
              label={end === "start" ? t.alerts.quietFrom : t.alerts.quietTo}
              required
              withAsterisk={false}
              value={quiet[end]}
              onChange={(event) => {
                change({ quiet_hours: { ...quiet, [end]: event.currentTarget.value } });
              }}
            />
          ))}
        </Group>
      ) : null}
    </>
  );
}
