import { Anchor, Skeleton, Stack, Text } from "@mantine/core";
import { IconArrowDownRight, IconArrowUpRight, IconFlag } from "@tabler/icons-react";
import type { KeyMetrics, Mover, Movers } from "../../api/reports/home";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { Name } from "../../components/text/Name";
import { Panel } from "../../components/page/Panel";
import { METRICS, type MetricKey } from "../../features/metrics";
import { countryName } from "../../format/country";
import { exactNumber, signedPercent } from "../../format/numbers";
import { DAY_MS, dayName, daysOf } from "../../format/time";
import { exactValue } from "../../format/units";
import { t } from "../../texts";
import classes from "./WhatChanged.module.css";

interface WhatChangedProps {
  movers: Movers | undefined;
  /** They are of other dates or filters than the page. */
  isOutdated: boolean;
  error: Error | null;
  retry: () => void;
  answer: KeyMetrics | undefined;
  onFilter: (property: string, value: string) => void;
}

/** New records, and the largest changes against the previous period, each in one sentence. */
export function WhatChanged({ movers, isOutdated, error, retry, answer, onFilter }: WhatChangedProps) {
  const records = answer ? newRecords(answer) : [];
  const begun = movers ? beginAfterPrevious(movers) : null;
  const items = begun === null ? (movers?.items ?? []) : [];
  return (
    <Panel title={t.home.whatChanged}>
      {error ? <ErrorAlert title={t.home.changesNotLoaded} error={error} retry={retry} /> : null}
      {movers ? (
        <Stack gap={10} data-outdated={isOutdated} aria-busy={isOutdated}>
          {records.map((record) => (
            <p key={record} className={classes.item} data-kind="record">
              <IconFlag size={16} stroke={1.7} aria-hidden="true" />
              <span>{record}</span>
            </p>
          ))}
          {items.map((mover) => (
            <Change key={`${mover.property} ${mover.value}`} mover={mover} onFilter={onFilter} />
          ))}
          {begun !== null ? (
            <Text size="sm" c="dimmed">
              {t.home.tooNew(dayName(begun, movers.timezone))}
            </Text>
          ) : items.length + records.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t.home.nothingChanged}
            </Text>
          ) : null}
          <Text size="xs" c="dimmed">
            {t.home.comparedWith(
              daysOf(movers.from, movers.to, movers.timezone),
              daysOf(movers.previous_from, movers.previous_to, movers.timezone),
            )}
          </Text>
        </Stack>
      ) : error ? null : (
        <Skeleton height={140} />
      )}
    </Panel>
  );
}

/**
 * When events begin, if the previous period lacks a day of them or more: everything would look new
 * or risen. null: the periods can be compared.
 */
function beginAfterPrevious({ first_event: begun, previous_from: from }: Movers): string | null {
  return begun !== null && Date.parse(begun) >= Date.parse(from) + DAY_MS ? begun : null;
}

function Change({ mover, onFilter }: { mover: Mover; onFilter: WhatChangedProps["onFilter"] }) {
  const isUp = mover.current > mover.previous;
  const Arrow = isUp ? IconArrowUpRight : IconArrowDownRight;
  const unit = mover.property === "page_path" ? t.home.views : t.home.events;
  const { property, value, cause } = mover;
  const causeText = cause ? causeName(cause.property, cause.value) : null;
  return (
    <p className={classes.item} data-kind={isUp ? "up" : "down"}>
      <Arrow size={16} stroke={1.7} aria-hidden="true" />
      <span>
        <Anchor
          component="button"
          type="button"
          className={classes.value ?? ""}
          title={t.home.filterTo(valueName(property, value))}
          onClick={() => {
            onFilter(property, value);
          }}
        >
          <Name>{valueName(property, value)}</Name>
        </Anchor>{" "}
        <strong>{mover.change === null ? t.home.isNew : signedPercent(mover.change)}</strong>{" "}
        {t.home.fromTo(exactNumber(mover.previous), exactNumber(mover.current), unit)}
        {causeText ? <> {t.home.mostlyFrom(causeText)}</> : null}
      </span>
    </p>
  );
}

function valueName(property: string, value: string): string {
  return property === "country" ? countryName(value) : value;
}

/** null: that it is unknown where a change came from says nothing. */
function causeName(property: string, value: string | null): string | null {
  if (value !== null) return valueName(property, value);
  return property === "referrer_domain" ? t.home.directVisits : null;
}

function newRecords({ metrics }: KeyMetrics): string[] {
  return metrics.flatMap(({ metric, record, days }) => {
    const today = days?.at(-1) ?? 0;
    if (!record || today <= record.value) return [];
    const { name, unit } = METRICS[metric as MetricKey];
    return [t.home.recordToday(name, exactValue(today, unit), exactValue(record.value, unit))];
  });
}
