import { Button, Checkbox, Select, SimpleGrid, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { ImportMapping, ImportPreset, ImportPreview, Reading } from "../../api/events/imports";
import { zoneChoices } from "../../format/timeZones";
import { t } from "../../texts";

const texts = t.imports;
const NEEDED = ["event_name", "timestamp", "distinct_id"] as const;
const FIELDS = Object.keys(texts.fields) as (keyof typeof texts.fields)[];
const PRESETS = Object.keys(texts.presets) as ImportPreset[];
const COLUMNS = { base: 1, xs: 2, md: 3 };

interface ImportColumnsProps {
  preview: ImportPreview;
  /** The system whose format was chosen; null: none was. */
  preset: ImportPreset | null;
  isDisabled: boolean;
  onChange: (reading: Reading) => void;
}

/** Which system wrote a file, and which of its columns become which fields of events. */
export function ImportColumns({ preview, preset, isDisabled, onChange }: ImportColumnsProps) {
  const [isOpen, setIsOpen] = useState(false);
  const known = preset ?? preview.preset;
  const fields = isOpen ? FIELDS : known === null ? NEEDED : [];
  return (
    <Stack gap="sm">
      <Select
        label={texts.format}
        placeholder={known === null ? texts.ownColumns : texts.presets[known as ImportPreset]}
        description={preset === null && known !== null ? texts.recognised : undefined}
        data={PRESETS.map((value) => ({ value, label: texts.presets[value] }))}
        value={preset}
        disabled={isDisabled}
        clearable
        clearButtonProps={{ "aria-label": t.common.clear(texts.format) }}
        maw={320}
        onChange={(value) => {
          onChange({ preset: value, mapping: null });
        }}
      />
      {fields.length > 0 ? <Fields preview={preview} fields={fields} isDisabled={isDisabled} onChange={onChange} /> : null}
      <div>
        <Button
          size="compact-sm"
          variant="default"
          aria-expanded={isOpen}
          onClick={() => {
            setIsOpen(!isOpen);
          }}
        >
          {isOpen ? texts.fewerColumns : texts.moreColumns}
        </Button>
      </div>
    </Stack>
  );
}

interface FieldsProps extends Omit<ImportColumnsProps, "preset"> {
  fields: readonly (keyof typeof texts.fields)[];
}

function Fields({ preview: { mapping, columns }, fields, isDisabled, onChange }: FieldsProps) {
  const change = (part: ImportMapping) => {
    onChange({ preset: null, mapping: { ...mapping, ...part } });
  };
  return (
    <>
      <Text size="sm" c="dimmed">
        {texts.columnsNote}
      </Text>
      <SimpleGrid cols={COLUMNS} spacing="sm">
        {fields.map((field) => {
          const named = mapping.fields?.[field] ?? [];
          return (
            <Select
              key={field}
              label={texts.fields[field]}
              // A column of JSON lines may be a path, which is none of the names.
              data={[...new Set([...columns.filter((column) => column !== ""), ...named])]}
              value={named[0] ?? null}
              placeholder={texts.noColumn}
              disabled={isDisabled}
              clearable
              clearButtonProps={{ "aria-label": t.common.clear(texts.fields[field]) }}
              searchable
              limit={200}
              onChange={(column) => {
                change({ fields: { ...mapping.fields, [field]: column === null ? [] : [column] } });
              }}
            />
          );
        })}
        <Select
          label={texts.zone}
          data={zoneChoices()}
          value={mapping.time_zone ?? null}
          disabled={isDisabled}
          searchable
          allowDeselect={false}
          limit={100}
          onChange={(zone) => {
            if (zone !== null) change({ time_zone: zone });
          }}
        />
      </SimpleGrid>
      <Checkbox
        label={texts.others}
        checked={mapping.other_columns !== "ignore"}
        disabled={isDisabled}
        onChange={({ currentTarget }) => {
          change({ other_columns: currentTarget.checked ? "properties" : "ignore" });
        }}
      />
    </>
  );
}
