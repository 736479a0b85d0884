import { Autocomplete, Button, NumberInput, SegmentedControl, Select, Textarea, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { Project } from "../../api/requests/client";
import { useChangeCohort, useCreateCohort, type Cohort, type CohortQuery } from "../../api/persons/cohorts";
import { useEventOptions } from "../../api/events/definitions";
import { fieldError } from "../../api/requests/errors";
import { FormDialog } from "../../components/forms/FormDialog";
import { useFormDialog, type FormDialogState } from "../../components/forms/useFormDialog";
import { t } from "../../texts";
import { COHORT_PERIODS, type CohortPeriod } from "./cohortQuery";

const SOURCES = ["behaviour", "upload"] as const;
const MAX_IDS = 10_000;
const FIELDS = ["name", "description", "query", "distinct_ids"];

interface Values {
  name: string;
  description: string;
  source: Cohort["kind"];
  event: string;
  atLeast: number;
  /** "": dates or a period that the form does not offer. */
  period: CohortPeriod | "";
  ids: string;
}

const EMPTY: Values = { name: "", description: "", source: "behaviour", event: "", atLeast: 1, period: "30d", ids: "" };

/** A button, and the dialog that creates a cohort. */
export function NewCohort({ project }: { project: Project }) {
  const create = useCreateCohort(project.id);
  const dialog = useFormDialog(EMPTY, create);
  const { name, description, source, ids } = dialog.values;
  const list = idsIn(ids);
  return (
    <>
      <Button size="xs" leftSection={<IconPlus size={15} />} onClick={dialog.open}>
        {t.people.cohorts.new}
      </Button>
      <FormDialog
        opened={dialog.opened}
        onClose={dialog.close}
        title={t.people.cohorts.new}
        size="lg"
        mutation={create}
        fields={FIELDS}
        submitLabel={t.people.cohorts.create}
        isReady={name.trim() !== "" && (source === "behaviour" || (list.length > 0 && list.length <= MAX_IDS))}
        onSubmit={() => {
          const members = source === "behaviour" ? { query: queryOf(dialog.values) } : { distinct_ids: list };
          create.mutate({ name: name.trim(), description: description.trim(), ...members }, { onSuccess: dialog.close });
        }}
      >
        <Names dialog={dialog} error={create.error} />
        <SegmentedControl
          aria-label={t.people.cohorts.source}
          data={SOURCES.map((value) => ({ value, label: t.people.cohorts.sources[value] }))}
          value={source}
          onChange={(value) => {
            dialog.set("source", value);
          }}
        />
        {source === "behaviour" ? (
          <Behaviour project={project} dialog={dialog} error={create.error} />
        ) : (
          <Textarea
            label={t.people.cohorts.ids}
            description={t.people.cohorts.idsNote}
            rows={7}
            value={ids}
            error={list.length > MAX_IDS ? t.people.cohorts.tooManyIds(list.length, MAX_IDS) : fieldError(create.error, "distinct_ids")}
            onChange={(event) => {
              dialog.set("ids", event.currentTarget.value);
            }}
          />
        )}
      </FormDialog>
    </>
  );
}

/** A button, and the dialog that changes a cohort. */
export function EditCohort({ project, cohort }: { project: Project; cohort: Cohort }) {
  const change = useChangeCohort(project.id, cohort.id);
  const dialog = useFormDialog(valuesOf(cohort), change);
  const { name, description } = dialog.values;
  return (
    <>
      <Button size="xs" variant="default" aria-label={t.people.cohorts.editOf(cohort.name)} onClick={dialog.open}>
        {t.people.cohorts.edit}
      </Button>
      <FormDialog
        opened={dialog.opened}
        onClose={dialog.close}
        title={t.people.cohorts.editOf(cohort.name)}
        size="lg"
        mutation={change}
        fields={FIELDS}
        submitLabel={t.people.cohorts.save}
        isReady={name.trim() !== ""}
        onSubmit={() => {
          const query = changedQuery(dialog.values, cohort);
          change.mutate({ name: name.trim(), description: description.trim(), ...(query ? { query } : {}) }, { onSuccess: dialog.close });
        }}
      >
        <Names dialog={dialog} error={change.error} />
        {cohort.query === null || cohort.query.flag !== undefined ? null : <Behaviour project={project} dialog={dialog} error={change.error} />}
      </FormDialog>
    </>
  );
}

interface PartProps {
  dialog: FormDialogState<Values>;
  error: Error | null;
}

function Names({ dialog, error }: PartProps) {
  const texts = t.people.cohorts;
  return (
    <>
      <TextInput
        label={texts.name}
        maxLength={200}
        data-autofocus
        value={dialog.values.name}
        error={fieldError(error, "name")}
        onChange={(event) => {
          dialog.set("name", event.currentTarget.value);
        }}
      />
      <TextInput
        label={texts.description}
        maxLength={2_000}
        value={dialog.values.description}
        error={fieldError(error, "description")}
        onChange={(event) => {
          dialog.set("description", event.currentTarget.value);
        }}
      />
    </>
  );
}

function Behaviour({ project, dialog, error }: PartProps & { project: Project }) {
  const events = useEventOptions(project.id, dialog.values.event);
  const texts = t.people.cohorts;
  return (
    <>
      <Autocomplete
        label={texts.event}
        placeholder={texts.anyEvent}
        maxLength={100}
        limit={50}
        data={events.map(({ name }) => name)}
        value={dialog.values.event}
        error={fieldError(error, "query.event")}
        onChange={(value) => {
          dialog.set("event", value);
        }}
      />
      <NumberInput
        label={texts.atLeast}
        min={1}
        max={1_000_000}
        allowDecimal={false}
        value={dialog.values.atLeast}
        error={fieldError(error, "query.at_least")}
        onChange={(value) => {
          dialog.set("atLeast", Number(value) || 1);
        }}
      />
      <Select
        label={texts.period}
        allowDeselect={false}
        data={COHORT_PERIODS.map((value) => ({ value, label: texts.periods[value] }))}
        placeholder={texts.customPeriod}
        value={dialog.values.period || null}
        onChange={(value) => {
          dialog.set("period", COHORT_PERIODS.find((one) => one === value) ?? EMPTY.period);
        }}
      />
    </>
  );
}

function valuesOf({ name, description, kind, query }: Cohort): Values {
  const period = query?.from ? undefined : COHORT_PERIODS.find((one) => one === (query?.period ?? "7d"));
  return { ...EMPTY, name, description, source: kind, event: query?.event ?? "", atLeast: query?.at_least ?? 1, period: period ?? "" };
}

function queryOf({ event, atLeast, period }: Values): CohortQuery {
  return { event: event.trim() || null, at_least: atLeast, ...(period ? { period } : {}) };
}

/** The query of the form, or null if it is as before; what the form does not show (filters, dates) stays as it was. */
function changedQuery(values: Values, cohort: Cohort): CohortQuery | null {
  const before = cohort.query;
  const shown = valuesOf(cohort);
  const isSamePeriod = values.period === shown.period;
  if (before === null || (isSamePeriod && values.event.trim() === shown.event && values.atLeast === shown.atLeast)) return null;
  if (isSamePeriod) return { ...before, ...queryOf(values) };
  return { ...(before.filters ? { filters: before.filters } : {}), ...queryOf(values) };
}

function idsIn(text: string): string[] {
  return [...new Set(text.split(/\r?\n/).map((line) => line.trim()))].filter(Boolean);
}
