import { SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import type { Watch } from "../../api/alerts/alerts";
import { fieldError } from "../../api/requests/errors";
import { t } from "../../texts";

interface RowFieldsProps {
  watch: Watch;
  error: Error | null;
  set: (changes: Partial<Watch>) => void;
}

/** Whether one row is watched, or any. */
export function RowFields({ watch, error, set }: RowFieldsProps) {
  return (
    <Stack gap={4}>
      <Text size="sm" fw={500} id="alert-rows">
        {t.alerts.rows}
      </Text>
      <SegmentedControl
        aria-labelledby="alert-rows"
        data={(["any", "one"] as const).map((value) => ({ value, label: t.alerts.rowChoices[value] }))}
        value={watch.any_row ? "any" : "one"}
        onChange={(value) => {
          set({ any_row: value === "any" });
        }}
      />
      {watch.any_row ? (
        <Text size="xs" c="dimmed">
          {t.alerts.vanished}
        </Text>
      ) : (
        <TextInput
          label={t.alerts.row}
          description={t.alerts.rowHint}
          value={watch.value ?? ""}
          error={fieldError(error, "watch.value")}
          onChange={(event) => {
            set({ value: event.currentTarget.value || null });
          }}
        />
      )}
    </Stack>
  );
}
