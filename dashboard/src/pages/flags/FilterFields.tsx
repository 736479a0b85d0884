import { ActionIcon, Group, MultiSelect, Select, Stack, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useCohorts, type Cohort } from "../../api/persons/cohorts";
import type { Flag } from "../../api/flags/flags";
import { ConditionValues } from "../../report/ConditionValues";
import { valueCount } from "../../report/filters";
import { t } from "../../texts";
import { EventTest } from "./EventTest";
import { COHORT_OPERATORS, FLAG_OPERATORS, isEditable, isEventOperator, newFilter, ONE_VALUE, type FilterScope, type FilterDraft, type FlagOperator } from "./flagDraft";
import { filterName, valueName } from "./flagSentence";
import { NameField } from "./NameField";
import classes from "./FlagsPage.module.css";

const MAX_COHORTS = 20;

interface FilterFieldsProps {
  projectId: number;
  others: readonly Flag[];
  /** What may be compared. */
  scopes: readonly FilterScope[];
  /** Names of properties that users have. */
  properties: readonly string[];
  filter: FilterDraft;
  /** What the filter is called, for screen readers. */
  name: string;
  error: string | undefined;
  isIncomplete: boolean;
  /** null: it is removed. */
  onChange: (filter: FilterDraft | null) => void;
}

/** One test: of a property of the user or of a group, of what the user did, of the value of another flag, or of cohorts. */
export function FilterFields(props: FilterFieldsProps) {
  const { others, filter, name, error, onChange } = props;
  const set = (changes: Partial<FilterDraft>) => {
    onChange({ ...filter, ...changes });
  };
  const isKnown = filter.stored === null || isEditable(filter.stored);
  const cohorts = useCohorts(props.projectId).data ?? [];
  const isEmpty: Partial<Record<FilterScope, boolean>> = { flag: others.length === 0, cohort: cohorts.length === 0 };
  const scopes = [...new Set([...props.scopes.filter((one) => !isEmpty[one]), filter.scope])];
  return (
    <Stack gap={6} role="group" aria-label={name}>
      <Group gap="xs" wrap="nowrap" justify="space-between">
        {isKnown ? (
          <Select
            size="xs"
            w={150}
            aria-label={t.flags.scope}
            allowDeselect={false}
            data={scopes.map((value) => ({ value, label: t.flags.scopes[value] }))}
            value={filter.scope}
            error={props.scopes.includes(filter.scope) ? undefined : t.flags.notOfGroups}
            onChange={(chosen) => {
              const scope = scopes.find((one) => one === chosen);
              if (scope) onChange(newFilter(scope));
            }}
          />
        ) : (
          <Text size="xs" c="dimmed">
            {t.flags.otherFilter}
          </Text>
        )}
        <ActionIcon variant="subtle" color="gray" aria-label={t.flags.removeOf(name)} onClick={() => { onChange(null); }}>
          <IconTrash size={15} />
        </ActionIcon>
      </Group>
      {isKnown ? <Test {...props} cohorts={cohorts} set={set} /> : null}
      {!isKnown && filter.stored ? <Text size="sm">{filterName(filter.stored)}</Text> : null}
      {error ? (
        <Text size="xs" c="var(--mantine-color-error)" role="alert">
          {error}
        </Text>
      ) : null}
    </Stack>
  );
}

type TestProps = FilterFieldsProps & { set: (changes: Partial<FilterDraft>) => void };

function Test({ cohorts, ...props }: TestProps & { cohorts: readonly Cohort[] }) {
  const { projectId, filter, error, set } = props;
  if (filter.scope === "flag") return <FlagTest {...props} />;
  if (isEventOperator(filter.operator)) {
    return <EventTest projectId={projectId} filter={filter} operator={filter.operator} isInvalid={error !== undefined} set={set} />;
  }
  if (filter.scope === "cohort") return <CohortTest {...props} cohorts={cohorts} operator={filter.operator} />;
  return <PropertyTest {...props} operator={filter.operator} />;
}

function PropertyTest({ projectId, properties, filter, operator, error, set }: TestProps & { operator: FlagOperator }) {
  return (
    <>
      <div className={classes.test}>
        <NameField
          label={filter.scope === "group" ? t.flags.groupProperty : t.report.property}
          maxLength={200}
          names={filter.scope === "group" ? properties.filter((one) => one.includes(".")) : ["distinct_id", ...properties]}
          value={filter.property}
          isInvalid={error !== undefined}
          onChange={(property) => {
            set({ property });
          }}
        />
        <Select
          size="xs"
          label={t.report.operator}
          allowDeselect={false}
          data={FLAG_OPERATORS.map((value) => ({ value, label: t.insights.operators[value] }))}
          value={operator}
          onChange={(chosen: FlagOperator | null) => {
            if (chosen) set({ operator: chosen, values: filter.values.slice(0, valueCount(chosen).max) });
          }}
        />
      </div>
      {valueCount(operator).max === 0 ? null : (
        <ConditionValues
          projectId={projectId}
          // What SDKs call by its bare name is below "properties." in reports, where users have other properties, too.
          condition={{ ...filter, operator, property: propertyOfReports(filter.property.trim()), scope: "person" }}
          max={ONE_VALUE.includes(operator) ? 1 : undefined}
          onChange={(values) => {
            set({ values });
          }}
        />
      )}
    </>
  );
}

function CohortTest({ cohorts, filter, operator, error, set }: TestProps & { cohorts: readonly Cohort[]; operator: FlagOperator }) {
  const names = new Map(cohorts.map(({ id, name }) => [String(id), name]));
  return (
    <div className={classes.test}>
      <Select
        size="xs"
        label={t.report.operator}
        allowDeselect={false}
        data={COHORT_OPERATORS.map((value) => ({ value, label: t.insights.operators[value] }))}
        value={operator}
        onChange={(chosen: FlagOperator | null) => {
          if (chosen) set({ operator: chosen });
        }}
      />
      <MultiSelect
        size="xs"
        label={t.flags.cohorts}
        searchable
        maxValues={MAX_COHORTS}
        // A cohort that was deleted is named by its number.
        data={[...new Set([...names.keys(), ...filter.values])].map((value) => ({ value, label: names.get(value) ?? value }))}
        value={filter.values}
        {...(error !== undefined ? { "aria-invalid": true } : {})}
        onChange={(values) => {
          set({ values });
        }}
      />
    </div>
  );
}

function propertyOfReports(name: string): string {
  return name === "" || name === "distinct_id" ? name : `properties.${name}`;
}

function FlagTest({ others, filter, set }: TestProps) {
  const chosen = others.find(({ key }) => key === filter.property);
  const values = ["true", "false", ...(chosen?.variants.map(({ key }) => key) ?? [])];
  const [value] = filter.values;
  return (
    <div className={classes.test}>
      <Select
        size="xs"
        label={t.flags.otherFlag}
        searchable
        allowDeselect={false}
        data={[...new Set([...others.map(({ key }) => key), ...(filter.property ? [filter.property] : [])])]}
        value={filter.property || null}
        onChange={(property) => {
          if (property) set({ property, operator: "is", values: ["true"], stored: null });
        }}
      />
      <Select
        size="xs"
        label={t.flags.otherValue}
        allowDeselect={false}
        data={[...new Set([...values, ...(value === undefined ? [] : [value])])].map((one) => ({ value: one, label: valueName(one) }))}
        value={value ?? null}
        onChange={(next) => {
          if (next) set({ values: [next] });
        }}
      />
    </div>
  );
}
