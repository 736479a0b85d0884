import { Button, Group, NavLink, Popover, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconCalendar } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { t } from "../texts";
import { LANGUAGE, type Language } from "../texts/language";
import classes from "./ReportBar.module.css";
import { rangeLabel } from "./rangeLabel";
import { isDay, PERIODS, type ReportRange } from "./reportState";

/** The names of months and weekdays in the calendar; English ones are part of it. */
const CALENDAR_WORDS: Record<Language, () => Promise<unknown>> = {
  en: () => Promise.resolve(),
  de: () => import("dayjs/locale/de"),
};

const RangeCalendar = lazy(async () => {
  await CALENDAR_WORDS[LANGUAGE]();
  return import("./RangeCalendar");
});

interface DateRangeProps {
  range: ReportRange;
  /** The project's time zone, by whose days the range is. */
  zone: string;
  onChange: (range: ReportRange) => void;
}

/** The choice of the dates: a period up to now, or from one day to another. */
export function DateRange({ range, zone, onChange }: DateRangeProps) {
  const [isOpen, setOpen] = useState(false);
  const name = rangeLabel(range);
  const choose = (chosen: ReportRange) => {
    setOpen(false);
    onChange(chosen);
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          size="xs"
          aria-label={t.report.datesOf(name)}
          leftSection={<IconCalendar size={15} stroke={1.7} />}
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          {name}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t.report.dates}>
        <div className={classes.dates}>
          <div className={classes.presets} role="group" aria-label={t.report.dates}>
            {PERIODS.map((period) => (
              <NavLink
                key={period}
                component="button"
                label={t.insights.periods[period]}
                active={"period" in range && range.period === period}
                onClick={() => {
                  choose({ period });
                }}
              />
            ))}
          </div>
          <CustomRange range={range} zone={zone} onChoose={choose} />
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

/** The first and the last day, typed or chosen in the calendar, which are applied together. */
function CustomRange({ range, zone, onChoose }: { range: ReportRange; zone: string; onChoose: (range: ReportRange) => void }) {
  const [from, setFrom] = useState("from" in range ? range.from : "");
  const [to, setTo] = useState("to" in range ? range.to : "");
  const [error, setError] = useState("");
  const isWide = useMediaQuery("(min-width: 48em)");
  const change = (first: string, last: string) => {
    setFrom(first);
    setTo(last);
    setError("");
  };
  const apply = () => {
    if (!isDay(from) || !isDay(to)) setError(t.report.noDay);
    else if (to < from) setError(t.report.endBeforeStart);
    else onChoose({ from, to });
  };
  return (
    <Stack gap="xs" component="form" aria-label={t.report.customRange} onSubmit={submitting(apply)}>
      <Suspense fallback={<Skeleton height={230} width={220} />}>
        <RangeCalendar from={from} to={to} months={isWide ? 2 : 1} onChange={change} />
      </Suspense>
      <Group gap="xs" align="flex-start" grow>
        <TextInput
          size="xs"
          type="date"
          label={t.report.from}
          value={from}
          onChange={(event) => {
            change(event.currentTarget.value, to);
          }}
        />
        <TextInput
          size="xs"
          type="date"
          label={t.report.to}
          value={to}
          error={error}
          onChange={(event) => {
            change(from, event.currentTarget.value);
          }}
        />
      </Group>
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          {t.report.daysIn(zone)}
        </Text>
        <Button size="xs" type="submit">
          {t.report.apply}
        </Button>
      </Group>
    </Stack>
  );
}

function submitting(run: () => void) {
  return (event: { preventDefault: () => void }) => {
    event.preventDefault();
    run();
  };
}
