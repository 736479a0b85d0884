import { SegmentedControl, Select, Stack, Text, TextInput } from "@mantine/core";
import type { Watch } from "../../api/alerts";
import type { SavedInsight } from "../../api/client";
import { fieldError } from "../../api/errors";
import { NumberField } from "../../components/NumberField";
import { t } from "../../texts";
import { hasRows, listOf } from "./alertDraft";

interface WatchFieldsProps {
  insight: SavedInsight;
  watch: Watch;
  error: Error | null;
  onChange: (watch: Watch) => void;
}

/** Which series, step, cell or row of an insight an alert watches. */
export function WatchFields({ insight, watch, error, onChange }: WatchFieldsProps) {
  const set = (changes: Partial<Watch>) => {
    onChange({ ...watch, ...changes });
  };
  if (watch.kind === "cell") {
    return (
      <NumberField
        label={t.alerts.interval}
        description={t.alerts.intervalHint}
        min={1}
        max={60}
        value={watch.index}
        error={fieldError(error, "watch.index")}
        onChange={(index) => {
          set({ index: index ?? 1 });
        }}
      />
    );
  }
  const isFunnel = watch.kind === "step";
  const nameOf = isFunnel ? t.alerts.stepName : t.alerts.seriesName;
  const names = listOf(insight, isFunnel ? "steps" : "series").map(({ event, label }, index) => ({
    value: String(index),
    label: nameOf(index + 1, label || (event ?? t.alerts.anyEvent)),
  }));
  return (
    <>
      {names.length > 1 ? (
        <Select
          label={isFunnel ? t.alerts.step : t.alerts.series}
          allowDeselect={false}
          data={isFunnel ? names.slice(1) : names}
          value={String(watch.index)}
          error={fieldError(error, "watch.index")}
          onChange={(index) => {
            set({ index: Number(index) });
          }}
        />
      ) : null}
      {isFunnel ? (
        <Select
          label={t.alerts.measure}
          allowDeselect={false}
          data={(Object.keys(t.alerts.measures) as (keyof typeof t.alerts.measures)[]).map((value) => ({ value, label: t.alerts.measures[value] }))}
          value={watch.measure}
          onChange={(measure) => {
            if (measure) set({ measure });
          }}
        />
      ) : null}
      {!isFunnel && hasRows(insight) ? (
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
          {watch.any_row ? null : (
            <TextInput
              label={t.alerts.row}
              value={watch.value ?? ""}
              onChange={(event) => {
                set({ value: event.currentTarget.value || null });
              }}
            />
          )}
        </Stack>
      ) : null}
    </>
  );
}
