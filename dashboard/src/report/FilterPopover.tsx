import { Autocomplete, Button, Popover, Select, Stack, TagsInput } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { cloneElement, useState, type ReactElement, type RefObject } from "react";
import { usePropertyNames } from "../api/definitions";
import type { Operator } from "../api/insights";
import { t } from "../texts";
import { isComplete, NEW_CONDITION, valueCount, type Condition } from "./filters";
import { STANDARD_PROPERTIES } from "./standardProperties";

interface FilterPopoverProps {
  projectId: number;
  label: string;
  /** The condition to edit; none: a new one. */
  condition?: Condition;
  onApply: (condition: Condition) => void;
  /** The button that opens it; by default one with the label. */
  buttonRef?: RefObject<HTMLButtonElement | null>;
  target?: ReactElement<{ onClick?: () => void; "aria-label"?: string }>;
}

/** A button, and the form of one filter: property, operator and values. */
export function FilterPopover({ projectId, label, condition, onApply, buttonRef, target }: FilterPopoverProps) {
  const [isOpen, setOpen] = useState(false);
  const toggle = () => {
    setOpen(!isOpen);
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start" width={320} trapFocus returnFocus>
      <Popover.Target>
        {target ? (
          cloneElement(target, { onClick: toggle, "aria-label": label })
        ) : (
          <Button ref={buttonRef} variant="default" size="xs" leftSection={<IconFilter size={15} stroke={1.7} />} onClick={toggle}>
            {label}
          </Button>
        )}
      </Popover.Target>
      <Popover.Dropdown aria-label={label}>
        <ConditionForm
          projectId={projectId}
          condition={condition ?? NEW_CONDITION}
          onApply={(chosen) => {
            setOpen(false);
            onApply(chosen);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function ConditionForm({ projectId, condition, onApply }: { projectId: number; condition: Condition; onApply: (condition: Condition) => void }) {
  const [draft, setDraft] = useState(condition);
  const own = usePropertyNames(projectId).filter((name) => !STANDARD_PROPERTIES.includes(name));
  const { max } = valueCount(draft.operator);
  const change = (changes: Partial<Condition>) => {
    setDraft({ ...draft, ...changes });
  };
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
        size="xs"
        label={t.report.property}
        data-autofocus
        maxLength={200}
        limit={100}
        comboboxProps={{ withinPortal: false }}
        data={[
          ...(own.length > 0 ? [{ group: t.insights.yourProperties, items: own }] : []),
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
        <TagsInput
          size="xs"
          label={t.report.values}
          placeholder={draft.values.length === 0 ? t.report.searchValues : ""}
          acceptValueOnBlur
          maxTags={max}
          comboboxProps={{ withinPortal: false }}
          value={draft.values}
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
