import { Autocomplete, SimpleGrid, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import type { Project } from "../../api/requests/client";
import { fieldError } from "../../api/requests/errors";
import { useRequiredSample, useSaveExperiment, type Experiment } from "../../api/flags/experiments";
import { useFlags } from "../../api/flags/flags";
import { FormDialog } from "../../components/forms/FormDialog";
import { NumberField } from "../../components/forms/NumberField";
import { t } from "../../texts";
import { DEFAULT_SAMPLE, draftOf, fieldsOf, newDraft, sampleQuestion, variantsOf, type ExperimentDraft } from "./experimentDraft";
import { MetricFields } from "./MetricFields";
import { SamplePanel } from "./SamplePanel";
import { VariantFields } from "./VariantFields";

const FIELDS = ["name", "flag_key", "variants", "metrics", "ends_at", "planned_sample"];
const TYPING_MS = 600;

interface ExperimentDialogProps {
  project: Project;
  /** null: a new one. */
  experiment: Experiment | null;
  onClose: () => void;
}

/** The form of an experiment, with the users and days that it needs. */
export function ExperimentDialog({ project, experiment, onClose }: ExperimentDialogProps) {
  const save = useSaveExperiment(project.id, experiment?.id ?? null);
  const flags = useFlags(project.id);
  const [begun] = useState(() => new Date().toISOString());
  const [initial] = useState(() => (experiment ? draftOf(experiment) : newDraft()));
  const [draft, setDraft] = useState<ExperimentDraft>(initial);
  const change = (changes: Partial<ExperimentDraft>) => {
    setDraft((before) => ({ ...before, ...changes }));
  };
  const [question] = useDebouncedValue(JSON.stringify(sampleQuestion(draft)), TYPING_MS);
  const plan = useRequiredSample(project.id, JSON.parse(question) as ReturnType<typeof sampleQuestion>);
  const planned = draft.plannedSample ?? plan.data?.planned_sample ?? DEFAULT_SAMPLE;
  const fields = fieldsOf(draft, experiment?.starts_at ?? begun, planned);
  return (
    <FormDialog
      opened
      onClose={onClose}
      size="lg"
      title={experiment ? t.experiments.edit : t.experiments.new}
      mutation={save}
      fields={FIELDS}
      submitLabel={experiment ? t.common.save : t.experiments.create}
      isReady={fields !== null}
      onSubmit={() => {
        if (fields === null) return;
        const { ends_at: end, ...others } = fields;
        save.mutate(experiment && draft.days === initial.days ? others : { ...others, ends_at: end ?? null }, { onSuccess: onClose });
      }}
    >
      <TextInput
        label={t.experiments.name}
        required
        withAsterisk={false}
        maxLength={200}
        data-autofocus
        value={draft.name}
        error={fieldError(save.error, "name")}
        onChange={(event) => {
          change({ name: event.currentTarget.value });
        }}
      />
      <Autocomplete
        label={t.experiments.flag}
        description={t.experiments.flagHint}
        required
        withAsterisk={false}
        maxLength={200}
        limit={50}
        openOnFocus={false}
        data={(flags.data ?? []).map(({ key }) => key)}
        value={draft.flag}
        error={fieldError(save.error, "flag_key")}
        onChange={(flag) => {
          const known = flags.data?.find(({ key }) => key === flag);
          change({ flag, ...(known ? { variants: variantsOf(known) } : {}) });
        }}
      />
      <VariantFields
        variants={draft.variants}
        error={fieldError(save.error, "variants")}
        onChange={(variants) => {
          change({ variants });
        }}
      />
      <MetricFields
        projectId={project.id}
        metrics={draft.metrics}
        error={save.error}
        onChange={(metrics) => {
          change({ metrics });
        }}
      />
      <SamplePanel
        plan={plan}
        metrics={draft.metrics}
        isComplete={question !== "null"}
        smallestEffect={draft.smallestEffect}
        onEffect={(smallestEffect) => {
          change({ smallestEffect });
        }}
        power={draft.power}
        onPower={(power) => {
          change({ power });
        }}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <NumberField
          label={t.experiments.plannedSample}
          description={t.experiments.plannedSampleHint}
          min={10}
          max={1_000_000_000}
          value={planned}
          error={fieldError(save.error, "planned_sample")}
          onChange={(plannedSample) => {
            change({ plannedSample });
          }}
        />
        <NumberField
          label={t.experiments.duration}
          description={t.experiments.durationHint}
          min={1}
          max={184}
          value={draft.days}
          error={fieldError(save.error, "ends_at")}
          onChange={(days) => {
            change({ days });
          }}
        />
      </SimpleGrid>
    </FormDialog>
  );
}
