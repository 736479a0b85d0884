import "@mantine/dates/styles.layer.css";
import { DatePicker, DatesProvider } from "@mantine/dates";
import { t } from "../texts";
import { FIRST_DAY_OF_WEEK, LOCALE } from "../texts/locale";

// Months, years and decades are gone through by the same two buttons.
const { earlier, later } = t.report;
const BUTTONS = { previousMonth: earlier, nextMonth: later, previousYear: earlier, nextYear: later, previousDecade: earlier, nextDecade: later };

interface RangeCalendarProps {
  from: string;
  to: string;
  months: number;
  onChange: (from: string, to: string) => void;
}

/** A calendar in which the first and the last day of a range are chosen. A chunk of its own: dates are rarely chosen so. */
export default function RangeCalendar({ from, to, months, onChange }: RangeCalendarProps) {
  return (
    <DatesProvider settings={{ locale: LOCALE, firstDayOfWeek: FIRST_DAY_OF_WEEK, weekendDays: [] }}>
      <DatePicker
        type="range"
        size="xs"
        ariaLabels={BUTTONS}
        allowSingleDateInRange
        numberOfColumns={months}
        columnsToScroll={1}
        defaultDate={monthBefore(to, months - 1)}
        value={[from || null, to || null]}
        onChange={([first, last]) => {
          onChange(first ?? "", last ?? "");
        }}
      />
    </DatesProvider>
  );
}

/** The month that is so many months before a day's, so that the day's own is the last one that is shown. */
function monthBefore(day: string, months: number): string {
  const date = day ? new Date(`${day}T00:00:00Z`) : new Date();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() - months);
  return date.toISOString().slice(0, 10);
}
