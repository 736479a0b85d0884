import { ActionIcon, Autocomplete, Group, Select, Stack, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import type { Flag } from "../../api/flags";
import { ConditionValues } from "../../report/ConditionValues";
import { valueCount } from "../../report/filters";
import { t } from "../../texts";
import { FLAG_OPERATORS, isEditable, ONE_VALUE, type FilterDraft, type FlagOperator } from "./flagDraft";
import { filterName, valueName } from "./flagSentence";
import classes from "./FlagsPage.module.css";

interface FilterFieldsProps {
  projectId: number;
  others: readonly Flag[];
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

/** One test: of a property of the user, or of the value of another flag. */
export function FilterFields(props: FilterFieldsProps) {
  const { others, filter, name, error, onChange } = props;
  const set = (changes: Partial<FilterDraft>) => {
    onChange({ ...filter, ...changes });
  };
  const isKnown = filter.stored === null || isEditable(filter.stored);
  return (
    <Stack gap={6} role="group" aria-label={name}>
      <Group gap="xs" wrap="nowrap" justify="space-between">
        {isKnown && others.length > 0 ? (
          <Select
            size="xs"
            w={150}
            aria-label={t.flags.scope}
            allowDeselect={false}
            data={(["person", "flag"] as const).map((value) => ({ value, label: t.flags.scopes[value] }))}
            value={filter.scope}
            onChange={(scope) => {
              if (scope) onChange({ scope, property: "", operator: "is", values: [], stored: null });
            }}
          />
        ) : (
          <Text size="xs" c="dimmed">
            {isKnown ? t.flags.scopes.person : t.flags.otherFilter}
          </Text>
        )}
        <ActionIcon variant="subtle" color="gray" aria-label={t.flags.removeOf(name)} onClick={() => { onChange(null); }}>
          <IconTrash size={15} />
        </ActionIcon>
      </Group>
      {isKnown ? filter.scope === "flag" ? <FlagTest {...props} set={set} /> : <PropertyTest {...props} set={set} /> : null}
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

function PropertyTest({ projectId, properties, filter, error, set }: TestProps) {
  const isInvalid = error !== undefined;
  return (
    <>
      <div className={classes.test}>
        <Autocomplete
          size="xs"
          label={t.report.property}
          maxLength={200}
          limit={100}
          data={[...new Set(["distinct_id", ...properties])]}
          value={filter.property}
          {...(isInvalid ? { "aria-invalid": true } : {})}
          onChange={(property) => {
            set({ property });
          }}
        />
        <Select
          size="xs"
          label={t.report.operator}
          allowDeselect={false}
          data={FLAG_OPERATORS.map((value) => ({ value, label: t.insights.operators[value] }))}
          value={filter.operator}
          onChange={(operator: FlagOperator | null) => {
            if (operator) set({ operator, values: filter.values.slice(0, valueCount(operator).max) });
          }}
        />
      </div>
      {valueCount(filter.operator).max === 0 ? null : (
        <ConditionValues
          projectId={projectId}
          // What SDKs call by its bare name is below "properties." in reports, where users have other properties, too.
          condition={{ ...filter, property: propertyOfReports(filter.property.trim()), scope: "person" }}
          max={ONE_VALUE.includes(filter.operator) ? 1 : undefined}
          onChange={(values) => {
            set({ values });
          }}
        />
      )}
    </>
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
