import { Select, TextInput } from "@mantine/core";
import type { Watch } from "../../api/alerts/alerts";
import type { SavedInsight } from "../../api/requests/client";
import { fieldError } from "../../api/requests/errors";
import { NumberField } from "../../components/forms/NumberField";
import { t } from "../../texts";
import { RowFields } from "./RowFields";
import { choiceOf, figureName, hasRows, listOf, WATCHES, watchOf, type WatchField } from "./watches";

interface WatchFieldsProps {
  insight: SavedInsight;
  watch: Watch;
  error: Error | null;
  onChange: (watch: Watch) => void;
}

/** Which figure of an insight an alert watches. */
export function WatchFields(props: WatchFieldsProps) {
  const { insight, watch, onChange } = props;
  const figures = WATCHES[insight.kind].flatMap(({ kind, measures }) =>
    measures.map((measure) => ({ kind, measure, value: `${kind}:${measure}`, label: figureName(kind, measure) })),
  );
  const fields = choiceOf(insight, watch)?.fields ?? [];
  return (
    <>
      {figures.length > 1 ? (
        <Select
          label={watch.kind === "step" ? t.alerts.measure : t.alerts.figure}
          allowDeselect={false}
          data={figures}
          value={`${watch.kind}:${watch.measure}`}
          onChange={(chosen) => {
            const found = figures.find(({ value }) => value === chosen);
            if (found) onChange(found.kind === watch.kind ? { ...watch, measure: found.measure } : watchOf(insight, found));
          }}
        />
      ) : null}
      {fields.map((field) => (
        <Field key={field} field={field} {...props} />
      ))}
    </>
  );
}

/** The field of a watch that a text or a number is entered into. */
const ENTERED = { source: "source", target: "value", node: "value", currency: "value", item: "item", pathStep: "index", atLeast: "at_least", offset: "index" } as const;

function Field({ field, insight, watch, error, onChange }: WatchFieldsProps & { field: WatchField }) {
  const set = (changes: Partial<Watch>) => {
    onChange({ ...watch, ...changes });
  };
  switch (field) {
    case "rows":
      return hasRows(insight, watch.kind) ? <RowFields watch={watch} error={error} set={set} /> : null;
    case "series":
    case "step":
      return <ListField field={field} insight={insight} watch={watch} error={error} set={set} />;
    case "returnDay":
      return (
        <Select
          label={t.alerts.interval}
          allowDeselect={false}
          data={[1, 7, 30].map((day) => ({ value: String(day), label: t.alerts.returnDay(day) }))}
          value={String(watch.index)}
          onChange={(day) => {
            set({ index: Number(day) });
          }}
        />
      );
    case "offset":
    case "pathStep":
    case "atLeast": {
      if (field === "atLeast" && watch.measure === "mean") return null;
      const name = ENTERED[field];
      return (
        <NumberField
          label={field === "offset" ? t.alerts.interval : t.alerts.fields[field]}
          description={field === "offset" ? t.alerts.intervalHint : t.alerts.hints[field]}
          min={1}
          max={60}
          value={watch[name]}
          error={fieldError(error, `watch.${name}`)}
          onChange={(entered) => {
            set({ [name]: entered ?? 1 });
          }}
        />
      );
    }
    default: {
      if (field === "currency" && (insight.query as { currency?: unknown }).currency) return null;
      const name = ENTERED[field];
      return (
        <TextInput
          label={t.alerts.fields[field]}
          description={t.alerts.hints[field]}
          value={watch[name] ?? ""}
          error={fieldError(error, `watch.${name}`)}
          onChange={(event) => {
            set({ [name]: event.currentTarget.value || null });
          }}
        />
      );
    }
  }
}

interface ListFieldProps extends Omit<WatchFieldsProps, "onChange"> {
  field: "series" | "step";
  set: (changes: Partial<Watch>) => void;
}

/** Which of several series, or of the steps after the first one. */
function ListField({ field, insight, watch, error, set }: ListFieldProps) {
  const isStep = field === "step";
  const nameOf = isStep ? t.alerts.stepName : t.alerts.seriesName;
  const names = listOf(insight, isStep ? "steps" : "series").map(({ event, label }, index) => ({
    value: String(index),
    label: nameOf(index + 1, label || (event ?? t.alerts.anyEvent)),
  }));
  if (names.length < 2) return null;
  return (
    <Select
      label={isStep ? t.alerts.step : t.alerts.series}
      allowDeselect={false}
      data={isStep ? names.slice(1) : names}
      value={String(watch.index)}
      error={fieldError(error, "watch.index")}
      onChange={(index) => {
        set({ index: Number(index) });
      }}
    />
  );
}
