import { Select } from "@mantine/core";
import { useEventOptions } from "../../api/events/definitions";
import { NumberField } from "../../components/forms/NumberField";
import { t } from "../../texts";
import { EVENT_OPERATORS, MAX_DAYS, type FilterDraft } from "./flagDraft";
import { NameField } from "./NameField";
import classes from "./FlagsPage.module.css";

interface EventTestProps {
  projectId: number;
  filter: FilterDraft;
  operator: (typeof EVENT_OPERATORS)[number];
  isInvalid: boolean;
  set: (changes: Partial<FilterDraft>) => void;
}

/** What the user did or did not do: which event, in how many days. */
export function EventTest({ projectId, filter, operator, isInvalid, set }: EventTestProps) {
  const names = useEventOptions(projectId, filter.property).map(({ name }) => name);
  const [days = ""] = filter.values;
  return (
    <>
      <div className={classes.test}>
        <Select
          size="xs"
          label={t.report.operator}
          allowDeselect={false}
          data={EVENT_OPERATORS.map((value) => ({ value, label: t.flags.eventOperators[value] }))}
          value={operator}
          onChange={(chosen) => {
            if (chosen) set({ operator: chosen });
          }}
        />
        <NameField
          label={t.flags.event}
          maxLength={100}
          names={names}
          value={filter.property}
          isInvalid={isInvalid}
          onChange={(property) => {
            set({ property });
          }}
        />
      </div>
      <NumberField
        size="xs"
        label={t.flags.days}
        description={t.flags.daysHint}
        min={1}
        max={MAX_DAYS}
        w={180}
        value={days === "" ? null : Number(days)}
        onChange={(chosen) => {
          set({ values: chosen === null ? [] : [String(chosen)] });
        }}
      />
    </>
  );
}
