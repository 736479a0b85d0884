import { Group, TagsInput, Text, type OptionsFilter } from "@mantine/core";
import { useState } from "react";
import { usePropertyValues } from "../api/events/definitions";
import { countryName } from "../format/country";
import { shortNumber } from "../format/numbers";
import { t } from "../texts";
import { valueCount, type Condition } from "./filters";

interface ConditionValuesProps {
  projectId: number;
  condition: Condition;
  /** How many values there may be, where it is fewer than the operator takes. */
  max?: number | undefined;
  onChange: (values: string[]) => void;
}

/** The values of a filter: chosen from those that the property has, each with its count, or typed. */
export function ConditionValues({ projectId, condition, max, onChange }: ConditionValuesProps) {
  const [typed, setTyped] = useState("");
  const [isOpen, setOpen] = useState(false);
  const name = condition.property.trim();
  // Countries are stored as codes and known by their names, which the server cannot search.
  const isCountry = name === "country";
  const found = usePropertyValues(projectId, { name, scope: condition.scope, typed: isCountry ? "" : typed });
  const counts = new Map(found.map(({ value, count }) => [value, count]));
  return (
    <TagsInput
      size="xs"
      label={t.report.values}
      placeholder={condition.values.length === 0 ? t.report.searchValues : ""}
      acceptValueOnBlur
      maxTags={max ?? valueCount(condition.operator).max}
      maxDropdownHeight={210}
      comboboxProps={{ withinPortal: false }}
      data={[...counts.keys()]}
      filter={isCountry ? matchesCountry : asFound}
      selectFirstOptionOnChange={isCountry}
      renderOption={({ option: { value } }) => (
        // As wide as the popover, however long the longest value is.
        <Group justify="space-between" wrap="nowrap" gap="xs" w={236}>
          <Text size="xs" truncate title={value} dir="auto">
            {isCountry ? countryName(value) : value}
          </Text>
          <Text size="xs" c="dimmed" className="tm-figures">
            {shortNumber(counts.get(value) ?? 0)}
          </Text>
        </Group>
      )}
      searchValue={typed}
      onSearchChange={(text) => {
        setTyped(text);
        if (text !== "") setOpen(true);
      }}
      // A list that stayed open would cover what is below it.
      dropdownOpened={isOpen}
      onDropdownOpen={() => {
        setOpen(true);
      }}
      onDropdownClose={() => {
        setOpen(false);
      }}
      onOptionSubmit={() => {
        setOpen(false);
      }}
      value={condition.values}
      onChange={onChange}
    />
  );
}

/** The server has searched already. */
const asFound: OptionsFilter = ({ options }) => options;

const matchesCountry: OptionsFilter = ({ options, search }) => {
  const wanted = search.trim().toLowerCase();
  return options.filter((option) => {
    if (!("value" in option)) return true;
    const code = option.value;
    return `${code} ${countryName(code)}`.toLowerCase().includes(wanted);
  });
};
