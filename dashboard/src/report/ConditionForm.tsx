import { Autocomplete, Button, Select, Stack } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { usePropertyNames } from "../api/events/definitions";
import { useFlags } from "../api/flags/flags";
import type { Operator } from "../api/insights/insights";
import { t } from "../texts";
import { ConditionValues } from "./ConditionValues";
import { isComplete, valueCount, type Condition } from "./filters";
import { STANDARD_PROPERTIES } from "./standardProperties";

interface ConditionFormProps {
  projectId: number;
  condition: Condition;
  onApply: (condition: Condition) => void;
}

/** The form of one filter: property, operator and values. */
export default function ConditionForm({ projectId, condition, onApply }: ConditionFormProps) {
  const [draft, setDraft] = useState(condition);
  const first = useRef<HTMLInputElement>(null);
  const own = usePropertyNames(projectId).filter((name) => !STANDARD_PROPERTIES.includes(name));
  const { data: flags } = useFlags(projectId);
  // SDKs send a flag's value with the events after they have asked for it.
  const ofFlags = (flags ?? []).map(({ key }) => `$feature/${key}`).filter((name) => !own.includes(name));
  const { max } = valueCount(draft.operator);
  const change = (changes: Partial<Condition>) => {
    setDraft({ ...draft, ...changes });
  };
  // It is loaded after its popover has opened, which has put the focus elsewhere.
  useEffect(() => {
    first.current?.focus();
  }, []);
  return (
    <Stack
      gap="xs"
      component="form"
      onSubmit={(event) => {
        event.preventDefault();
        const trimmed = { ...draft, property: draft.property.trim() };
        if (isComplete(trimmed)) onApply(trimmed);
      }}
    >
      <Autocomplete
        ref={first}
        size="xs"
        label={t.report.property}
        maxLength={200}
        limit={100}
        comboboxProps={{ withinPortal: false }}
        data={[
          ...(own.length > 0 ? [{ group: t.insights.yourProperties, items: own }] : []),
          ...(ofFlags.length > 0 ? [{ group: t.insights.flagProperties, items: ofFlags }] : []),
          { group: t.insights.standardProperties, items: [...STANDARD_PROPERTIES] },
        ]}
        value={draft.property}
        onChange={(property) => {
          change({ property });
        }}
      />
      <Select
        size="xs"
        label={t.report.operator}
        allowDeselect={false}
        comboboxProps={{ withinPortal: false }}
        data={(Object.keys(t.insights.operators) as Operator[]).map((value) => ({ value, label: t.insights.operators[value] }))}
        value={draft.operator}
        onChange={(operator) => {
          if (operator) change({ operator, values: draft.values.slice(0, valueCount(operator).max) });
        }}
      />
      {max === 0 ? null : (
        <ConditionValues
          projectId={projectId}
          condition={draft}
          onChange={(values) => {
            change({ values });
          }}
        />
      )}
      <Button size="xs" type="submit" disabled={!isComplete({ ...draft, property: draft.property.trim() })}>
        {t.report.apply}
      </Button>
    </Stack>
  );
}
