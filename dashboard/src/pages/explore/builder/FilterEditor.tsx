import { ActionIcon, Button, Code, Group, Input, SegmentedControl, Select, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { MAX_VALUE_LENGTH } from "../../../constants.gen";
import { t } from "../../../texts";
import { NEW_CONDITION, NO_FILTERS, valueCount, type Condition, type Filters } from "../../../report/filters";
import { optionsOf } from "./options";
import { PropertyField } from "./PropertyField";

interface FilterEditorProps {
  errors: Record<string, string[]>;
  filters: Filters;
  properties: string[];
  onChange: (filters: Filters) => void;
}

/** The filters of a query. A condition takes effect once it is filled in. */
export function FilterEditor({ errors, filters, properties, onChange }: FilterEditorProps) {
  const { conditions, matchAll, foreign } = filters;
  if (foreign !== null) return <ForeignFilter foreign={foreign} onChange={onChange} />;
  const setConditions = (changed: Condition[]) => {
    onChange({ ...filters, conditions: changed });
  };
  return (
    <Stack gap="sm" align="stretch">
      {conditions.length > 1 ? (
        <SegmentedControl
          size="xs"
          aria-label={t.insights.matching}
          data={[
            { value: "and", label: t.insights.matchAll },
            { value: "or", label: t.insights.matchAny },
          ]}
          value={matchAll ? "and" : "or"}
          onChange={(value) => {
            onChange({ ...filters, matchAll: value === "and" });
          }}
        />
      ) : null}
      {conditions.map((condition, index) => (
        <ConditionFields
          // Two equal conditions differ only in their index.
          key={index}
          number={index + 1}
          error={conditionError(errors, index)}
          condition={condition}
          properties={properties}
          onChange={(changes) => {
            setConditions(conditions.map((one, at) => (at === index ? { ...one, ...changes } : one)));
          }}
          onRemove={() => {
            setConditions(conditions.filter((_, at) => at !== index));
          }}
        />
      ))}
      <Group>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} />}
          onClick={() => {
            setConditions([...conditions, NEW_CONDITION]);
          }}
        >
          {t.insights.addFilter}
        </Button>
      </Group>
    </Stack>
  );
}

function ForeignFilter({ foreign, onChange }: { foreign: unknown; onChange: (filters: Filters) => void }) {
  return (
    <Stack gap="xs" align="flex-start">
      <Text size="xs" c="dimmed">
        {t.insights.foreignFilter}
      </Text>
      <Code block w="100%">
        {JSON.stringify(foreign, null, 1)}
      </Code>
      <Button
        size="xs"
        variant="default"
        onClick={() => {
          onChange(NO_FILTERS);
        }}
      >
        {t.common.remove}
      </Button>
    </Stack>
  );
}

/** What the server says of a condition: it names the value, say, as "filters.and.0.value". */
function conditionError(errors: Record<string, string[]>, index: number): string | undefined {
  const found = Object.entries(errors).flatMap(([field, messages]) =>
    new RegExp(`^filters\\.(and|or)\\.${index}(\\.|$)`).test(field) ? messages : [],
  );
  return found.length > 0 ? found.join(" ") : undefined;
}

interface ConditionFieldsProps {
  number: number;
  error: string | undefined;
  condition: Condition;
  properties: string[];
  onChange: (changes: Partial<Condition>) => void;
  onRemove: () => void;
}

function ConditionFields({ number, error, condition, properties, onChange, onRemove }: ConditionFieldsProps) {
  const { property, operator, values, scope } = condition;
  const { max } = valueCount(operator);
  return (
    <div role="group" aria-label={t.insights.filterNumber(number)}>
      <Group gap={6} wrap="nowrap" mb={6}>
        <div style={{ flex: 1, minWidth: 0 }}>
          <PropertyField
            label={t.insights.filterProperty(number)}
            isLabelHidden
            placeholder={t.insights.property}
            properties={properties}
            value={property}
            onChange={(name) => {
              onChange({ property: name });
            }}
          />
        </div>
        {scope === "event" ? null : (
          <Text size="xs" c="dimmed">
            {t.insights.filterScope(scope)}
          </Text>
        )}
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t.insights.removeFilter(number)} onClick={onRemove}>
          <IconX size={14} />
        </ActionIcon>
      </Group>
      <Group gap={6} wrap="nowrap" align="flex-start" pr={28}>
        <Select
          size="xs"
          w={max === 0 ? "100%" : 118}
          style={{ flex: max === 0 ? 1 : "none" }}
          aria-label={t.insights.filterOperator(number)}
          allowDeselect={false}
          comboboxProps={{ width: 220, position: "bottom-start" }}
          data={optionsOf(t.insights.operators)}
          value={operator}
          onChange={(chosen) => {
            if (chosen) onChange({ operator: chosen, values: values.slice(0, valueCount(chosen).max) });
          }}
        />
        <ValueFields number={number} condition={condition} onChange={onChange} />
      </Group>
      <Input.Error role="alert">{error}</Input.Error>
    </div>
  );
}

/** The values of a condition: a list, one or two texts, or nothing, as its operator requires. */
function ValueFields({ number, condition: { operator, values }, onChange }: Pick<ConditionFieldsProps, "number" | "condition" | "onChange">) {
  const { max } = valueCount(operator);
  if (max > 2) {
    return (
      <TagsInput
        size="xs"
        style={{ flex: 1, minWidth: 0 }}
        aria-label={t.insights.filterValues(number)}
        placeholder={values.length === 0 ? t.insights.values : ""}
        acceptValueOnBlur
        maxTags={max}
        value={values}
        onChange={(next) => {
          onChange({ values: next });
        }}
      />
    );
  }
  return Array.from({ length: max }, (_, index) => (
    <ValueField
      key={`${operator} ${index} ${values[index] ?? ""}`}
      label={max === 2 ? t.insights.filterValueOf(index + 1, number) : t.insights.filterValue(number)}
      value={values[index] ?? ""}
      onChange={(value) => {
        onChange({ values: Array.from({ length: max }, (__, at) => (at === index ? value : (values[at] ?? ""))) });
      }}
    />
  ));
}

function ValueField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const commit = (typed: string) => {
    if (typed.trim() !== value) onChange(typed.trim());
  };
  return (
    <TextInput
      size="xs"
      style={{ flex: 1, minWidth: 0 }}
      aria-label={label}
      placeholder={t.insights.value}
      maxLength={MAX_VALUE_LENGTH}
      defaultValue={value}
      onBlur={(event) => {
        commit(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit(event.currentTarget.value);
      }}
    />
  );
}
