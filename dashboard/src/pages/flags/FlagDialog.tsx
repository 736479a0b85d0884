import { SegmentedControl, SimpleGrid, Stack, Switch, Text, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import type { Project } from "../../api/requests/client";
import { fieldError } from "../../api/requests/errors";
import { useFlagPreview, useSaveFlag, type Flag, type FlagFields } from "../../api/flags/flags";
import { AddButton } from "../../components/forms/AddButton";
import { FormDialog } from "../../components/forms/FormDialog";
import { NumberField } from "../../components/forms/NumberField";
import { t } from "../../texts";
import { ConditionFields } from "./ConditionFields";
import { errorsIn } from "./errorsIn";
import type { FieldProps } from "./fieldProps";
import { changesOf, draftOf, fieldsOf, newCondition, previewedFields, problemsOf, type FlagDraft } from "./flagDraft";
import { FlagPreviewPanel } from "./FlagPreviewPanel";
import { GroupTypeField } from "./GroupTypeField";
import { OverrideFields } from "./OverrideFields";
import { ScheduleFields } from "./ScheduleFields";
import { PayloadField, VariantFields } from "./VariantFields";

const TYPING_MS = 400;
const FIELDS = ["key", "name", "description", "rollout_percentage", "conditions", "variants", "payloads", "overrides", "starts_at", "ends_at", "group_type"];

interface FlagDialogProps {
  project: Project;
  /** All flags of the project: conditions may ask for them. */
  flags: readonly Flag[];
  /** The flag to change; undefined: a new one. */
  flag: Flag | undefined;
  onClose: () => void;
}

/** The form of a flag. */
export function FlagDialog({ project, flags, flag, onClose }: FlagDialogProps) {
  const zone = project.timezone;
  const save = useSaveFlag(project.id, flag?.id ?? null);
  const [draft, setDraft] = useState<FlagDraft>(() => draftOf(flag, zone));
  const problems = problemsOf(draft, zone);
  const change = (changes: Partial<FlagDraft>) => {
    setDraft((before) => ({ ...before, ...changes }));
  };
  const fields = problems.size === 0 ? fieldsOf(draft, flag, zone) : null;
  const [tried, setTried] = useState("");
  const text = JSON.stringify([previewedFields(draft, flag, zone), tried.trim()]);
  const [asked] = useDebouncedValue(text, TYPING_MS);
  const [previewed, distinctId] = JSON.parse(asked) as [FlagFields | null, string];
  const preview = useFlagPreview(project.id, previewed, distinctId);
  const parts: FieldProps = { draft, problems, error: save.error, change };
  return (
    <FormDialog
      opened
      onClose={onClose}
      size="lg"
      title={flag ? t.flags.editOf(flag.key) : t.flags.new}
      mutation={save}
      fields={FIELDS}
      submitLabel={flag ? t.common.save : t.flags.create}
      isReady={fields !== null}
      onSubmit={() => {
        if (fields) save.mutate(flag ? changesOf(fields, flag, zone) : fields, { onSuccess: onClose });
      }}
    >
      <NameFields {...parts} isNew={flag === undefined} />
      <GroupTypeField {...parts} projectId={project.id} />
      <NumberField
        label={draft.groupType === null ? t.flags.share : t.flags.shareOfGroups}
        description={t.flags.shareHint}
        allowDecimal
        decimalScale={4}
        inputMode="decimal"
        suffix=" %"
        min={0}
        max={100}
        value={draft.share}
        error={fieldError(save.error, "rollout_percentage") ?? (problems.has("rollout_percentage") ? t.flags.missingShare : undefined)}
        onChange={(share) => {
          change({ share });
        }}
      />
      <Conditions {...parts} project={project} properties={preview.data?.properties ?? []} others={flags.filter(({ key }) => key !== draft.key)} />
      <FlagPreviewPanel project={project} preview={preview} isComplete={previewed !== null} isOutdated={asked !== text || preview.isPlaceholderData} tried={tried} onTry={setTried} />
      <Values {...parts} />
      <OverrideFields {...parts} />
      <ScheduleFields {...parts} zone={zone} />
      {flag ? null : (
        <Switch
          label={t.flags.active}
          description={t.flags.activeHint}
          checked={draft.isActive}
          onChange={(event) => {
            change({ isActive: event.currentTarget.checked });
          }}
        />
      )}
    </FormDialog>
  );
}

function NameFields({ draft, error, change, isNew }: FieldProps & { isNew: boolean }) {
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: isNew ? 2 : 1 }}>
        {isNew ? (
          <TextInput
            label={t.flags.key}
            description={t.flags.keyHint}
            required
            withAsterisk={false}
            data-autofocus
            maxLength={200}
            value={draft.key}
            error={fieldError(error, "key")}
            onChange={(event) => {
              change({ key: event.currentTarget.value });
            }}
          />
        ) : null}
        <TextInput
          label={t.flags.name}
          description={isNew ? t.flags.nameHint : undefined}
          maxLength={200}
          value={draft.name}
          error={fieldError(error, "name")}
          onChange={(event) => {
            change({ name: event.currentTarget.value });
          }}
        />
      </SimpleGrid>
      <Textarea
        label={t.flags.description}
        autosize
        minRows={1}
        maxRows={5}
        maxLength={2_000}
        value={draft.description}
        error={fieldError(error, "description")}
        onChange={(event) => {
          change({ description: event.currentTarget.value });
        }}
      />
    </>
  );
}

interface ConditionsProps extends FieldProps {
  project: Project;
  others: readonly Flag[];
  /** Names of properties that users have. */
  properties: readonly string[];
}

function Conditions({ project, others, properties, ...parts }: ConditionsProps) {
  const { draft, error, change } = parts;
  const general = errorsIn(error, "conditions", true);
  return (
    <Stack gap="xs">
      <div>
        <Text size="sm" fw={500}>
          {t.flags.conditions}
        </Text>
        <Text size="xs" c="dimmed">
          {draft.conditions.length > 0 ? t.flags.conditionsHint : draft.groupType === null ? t.flags.noConditions : t.flags.noConditionsOfGroups}
        </Text>
      </div>
      {draft.conditions.map((_, index) => (
        <ConditionFields key={index} {...parts} project={project} others={others} properties={properties} index={index} />
      ))}
      {general ? (
        <Text size="xs" c="var(--mantine-color-error)" role="alert">
          {general}
        </Text>
      ) : null}
      <AddButton
        disabled={draft.conditions.length >= 50}
        onClick={() => {
          change({ conditions: [...draft.conditions, newCondition(draft.groupType)] });
        }}
      >
        {t.flags.addCondition}
      </AddButton>
    </Stack>
  );
}

function Values(parts: FieldProps) {
  const { draft, problems, error, change } = parts;
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500} id="flag-values">
        {t.flags.values}
      </Text>
      <SegmentedControl
        aria-labelledby="flag-values"
        data={(["boolean", "variants"] as const).map((value) => ({ value, label: t.flags.valueKinds[value] }))}
        value={draft.hasVariants ? "variants" : "boolean"}
        onChange={(value) => {
          change({ hasVariants: value === "variants" });
        }}
      />
      {draft.hasVariants ? (
        <VariantFields {...parts} />
      ) : (
        <PayloadField
          label={t.flags.payload}
          value={draft.payload}
          error={errorsIn(error, "payloads") ?? (problems.has("payloads") ? t.flags.notJson : undefined)}
          onChange={(payload) => {
            change({ payload });
          }}
        />
      )}
    </Stack>
  );
}
