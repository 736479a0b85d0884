import { Select, Stack, TextInput } from "@mantine/core";
import { t } from "../../../texts";
import type { InsightQuery } from "../query/insightQuery";
import { optionsOf } from "./options";

type DateRange = Pick<InsightQuery, "period" | "from" | "to">;

const CUSTOM = "custom";

interface DateRangeFieldsProps {
  errors: Record<string, string[]>;
  range: DateRange;
  onChange: (range: DateRange) => void;
}

/** The date range of a query: a period up to now, or from one day to another. */
export function DateRangeFields({ errors, range: { period, from, to }, onChange }: DateRangeFieldsProps) {
  return (
    <Stack gap="xs">
      <Select
        size="xs"
        aria-label={t.insights.when}
        allowDeselect={false}
        data={[...optionsOf(t.insights.periods), { value: CUSTOM, label: t.insights.customRange } as const]}
        value={period ?? CUSTOM}
        onChange={(value) => {
          if (value === CUSTOM) onChange({ period: null, from: from || daysAgo(6), to: to || daysAgo(0) });
          else if (value) onChange({ period: value, from: "", to: "" });
        }}
      />
      {period === null ? (
        <>
          <TextInput
            size="xs"
            type="date"
            label={t.insights.from}
            error={errors["from"]?.join(" ")}
            value={from.slice(0, 10)}
            onChange={(event) => {
              onChange({ period, from: event.currentTarget.value, to });
            }}
          />
          <TextInput
            size="xs"
            type="date"
            label={t.insights.to}
            error={errors["to"]?.join(" ")}
            value={to.slice(0, 10)}
            onChange={(event) => {
              onChange({ period, from, to: event.currentTarget.value });
            }}
          />
        </>
      ) : null}
    </Stack>
  );
}

function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
}
