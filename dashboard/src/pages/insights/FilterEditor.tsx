import { ActionIcon, Button, Code, Group, SegmentedControl, Select, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { NO_FILTERS, OPERATORS, valuesOf, type Condition, type Filters } from "./filters";
import { PropertyField } from "./PropertyField";

interface FilterEditorProps {
  filters: Filters;
  properties: string[];
  onChange: (filters: Filters) => void;
}

/** Which events count at all. A condition counts once it is filled in. */
export function FilterEditor({ filters, properties, onChange }: FilterEditorProps) {
  const { conditions, every, foreign } = filters;
  if (foreign !== null) {
    return (
      <Stack gap="xs" align="flex-start">
        <Text size="xs" c="dimmed">
          This filter was written elsewhere and has more than these fields can show. It counts as it is:
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
          Take it away
        </Button>
      </Stack>
    );
  }
  const set = (place: number, changes: Partial<Condition>) => {
    onChange({ ...filters, conditions: conditions.map((one, at) => (at === place ? { ...one, ...changes } : one)) });
  };
  return (
    <Stack gap="sm" align="stretch">
      {conditions.length > 1 ? (
        <SegmentedControl
          size="xs"
          aria-label="How conditions go together"
          data={[
            { value: "and", label: "All must hold" },
            { value: "or", label: "One is enough" },
          ]}
          value={every ? "and" : "or"}
          onChange={(word) => {
            onChange({ ...filters, every: word === "and" });
          }}
        />
      ) : null}
      {conditions.map((one, place) => (
        <ConditionFields
          // Places are all that tells two equal conditions apart.
          key={place}
          number={place + 1}
          condition={one}
          properties={properties}
          onChange={(changes) => {
            set(place, changes);
          }}
          onRemove={() => {
            onChange({ ...filters, conditions: conditions.filter((_, at) => at !== place) });
          }}
        />
      ))}
      <Group>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} />}
          onClick={() => {
            onChange({ ...filters, conditions: [...conditions, { property: "", operator: "is", values: [], scope: "event" }] });
          }}
        >
          Add a condition
        </Button>
      </Group>
    </Stack>
  );
}

interface ConditionFieldsProps {
  number: number;
  condition: Condition;
  properties: string[];
  onChange: (changes: Partial<Condition>) => void;
  onRemove: () => void;
}

function ConditionFields({ number, condition, properties, onChange, onRemove }: ConditionFieldsProps) {
  const { property, operator, values, scope } = condition;
  const [fewest, most] = valuesOf(operator);
  return (
    <div role="group" aria-label={`Condition ${number}`}>
      <Group gap={6} wrap="nowrap" mb={6}>
        <div style={{ flex: 1, minWidth: 0 }}>
          <PropertyField
            label={`Property of condition ${number}`}
            isLabelHidden
            placeholder="Property"
            properties={properties}
            value={property}
            onChange={(name) => {
              onChange({ property: name });
            }}
          />
        </div>
        {scope === "event" ? null : (
          <Text size="xs" c="dimmed">
            of the {scope}
          </Text>
        )}
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Remove condition ${number}`} onClick={onRemove}>
          <IconX size={14} />
        </ActionIcon>
      </Group>
      <Group gap={6} wrap="nowrap" align="flex-start" pr={28}>
        <Select
          size="xs"
          w={most === 0 ? "100%" : 118}
          style={{ flex: most === 0 ? 1 : "none" }}
          aria-label={`How condition ${number} compares`}
          allowDeselect={false}
          comboboxProps={{ width: 220, position: "bottom-start" }}
          data={OPERATORS}
          value={operator}
          onChange={(chosen) => {
            if (chosen) onChange({ operator: chosen, values: values.slice(0, valuesOf(chosen)[1]) });
          }}
        />
        {most > 1 && fewest === 1 ? (
          <TagsInput
            size="xs"
            style={{ flex: 1, minWidth: 0 }}
            aria-label={`Values of condition ${number}`}
            placeholder={values.length === 0 ? "Value, Enter" : ""}
            acceptValueOnBlur
            maxTags={most}
            value={values}
            onChange={(next) => {
              onChange({ values: next });
            }}
          />
        ) : null}
        {most === 1 || fewest === 2
          ? Array.from({ length: most }, (_, at) => (
              <ValueField
                key={`${operator} ${at} ${values[at] ?? ""}`}
                label={most === 2 ? `Value ${at + 1} of condition ${number}` : `Value of condition ${number}`}
                value={values[at] ?? ""}
                onChange={(value) => {
                  onChange({ values: Array.from({ length: most }, (__, place) => (place === at ? value : (values[place] ?? ""))) });
                }}
              />
            ))
          : null}
      </Group>
    </div>
  );
}

function ValueField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const leave = (typed: string) => {
    if (typed.trim() !== value) onChange(typed.trim());
  };
  return (
    <TextInput
      size="xs"
      style={{ flex: 1, minWidth: 0 }}
      aria-label={label}
      placeholder="Value"
      maxLength={1_000}
      defaultValue={value}
      onBlur={(event) => {
        leave(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") leave(event.currentTarget.value);
      }}
    />
  );
}
