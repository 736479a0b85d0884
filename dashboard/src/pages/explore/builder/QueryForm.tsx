import { Select, Switch } from "@mantine/core";
import { useId, type ReactNode } from "react";
import { useEventNames, usePropertyNames } from "../../../api/definitions";
import type { Interval } from "../../../format/time";
import { t } from "../../../texts";
import { DateRangeFields } from "./DateRangeFields";
import { EventFields } from "./EventFields";
import { FilterEditor } from "./FilterEditor";
import { attributionOf, type FunnelQuery, type InsightQuery } from "../query/insightQuery";
import classes from "../ExplorePage.module.css";
import { PropertyField } from "./PropertyField";

/** The intervals to choose from; there are too many quarters of an hour for most ranges. */
const INTERVALS: readonly Interval[] = ["hour", "day", "week", "month"];

interface QueryFormProps {
  projectId: number;
  query: InsightQuery;
  change: (query: InsightQuery) => void;
  /** What the server says of each field of the query. */
  errors: Record<string, string[]>;
}

/** The form of a query; each change runs the query at once. */
export function QueryForm({ projectId, query, change, errors }: QueryFormProps) {
  const events = useEventNames(projectId);
  const properties = usePropertyNames(projectId);
  return (
    <div>
      <Part title={t.insights.events[query.kind]}>
        <EventFields query={query} change={change} events={events} properties={properties} />
      </Part>
      <Part title={t.insights.time}>
        <DateRangeFields
          errors={errors}
          range={query}
          onChange={(range) => {
            change({ ...query, ...range });
          }}
        />
        {"interval" in query ? (
          <Select
            mt="xs"
            size="xs"
            aria-label={t.insights.interval}
            placeholder={t.insights.automaticInterval}
            clearable
            clearButtonProps={{ "aria-label": t.common.clear(t.insights.interval) }}
            data={INTERVALS.map((value) => ({ value, label: t.insights.intervals[value].adverb }))}
            value={query.interval}
            onChange={(interval) => {
              change({ ...query, interval });
            }}
          />
        ) : null}
        {query.kind === "trends" ? (
          <Switch
            mt="sm"
            size="xs"
            label={t.insights.compare}
            checked={query.compare}
            onChange={(event) => {
              change({ ...query, compare: event.currentTarget.checked });
            }}
          />
        ) : null}
      </Part>
      <Part title={t.insights.filters}>
        <FilterEditor
          errors={errors}
          filters={query.filters}
          properties={properties}
          onChange={(filters) => {
            change({ ...query, filters });
          }}
        />
      </Part>
      {"breakdown" in query ? (
        <Part title={t.insights.breakDownBy}>
          <PropertyField
            label={t.insights.breakDownBy}
            isLabelHidden
            placeholder={query.kind === "breakdown" ? t.insights.chooseProperty : t.insights.noBreakdown}
            properties={properties}
            error={errors["breakdown"]?.join(" ")}
            value={query.breakdown}
            onChange={(breakdown) => {
              change({ ...query, breakdown });
            }}
          />
          {query.kind === "funnel" && query.breakdown ? (
            <Select
              mt="xs"
              size="xs"
              label={t.insights.attribution}
              allowDeselect={false}
              data={attributionOptions(query)}
              value={String(attributionOf(query))}
              onChange={(chosen) => {
                if (chosen === null) return;
                const attribution = chosen === "first_touch" || chosen === "last_touch" ? chosen : Number(chosen);
                change({ ...query, attribution });
              }}
            />
          ) : null}
        </Part>
      ) : null}
    </div>
  );
}

function attributionOptions({ steps }: FunnelQuery) {
  const { first, last, step } = t.insights.attributions;
  return [
    { value: "first_touch", label: first },
    { value: "last_touch", label: last },
    ...steps.map((_, index) => ({ value: String(index), label: step(index + 1) })),
  ];
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  const heading = useId();
  return (
    <div className={classes.part} role="group" aria-labelledby={heading}>
      <div className={classes.legend} id={heading}>
        {title}
      </div>
      {children}
    </div>
  );
}
