import { Text } from "@mantine/core";
import { TimeChart } from "../../charts/TimeChart";
import { ChartPanel } from "../../components/figures/ChartPanel";
import { DataTable } from "../../components/tables/DataTable";
import { duration } from "../../format/duration";
import { exactNumber } from "../../format/numbers";
import { intervalName } from "../../format/time";
import { t } from "../../texts";
import type { Health } from "./health";

/** How long events waited from receipt until they were stored. */
export function DelayPanel({ health, zone }: { health: Health; zone: string }) {
  const { interval } = health;
  const measured = health.intervals.filter(({ wait_seconds: mean }) => mean !== null);
  const stored = measured.reduce((sum, one) => sum + one.stored, 0);
  const mean = measured.reduce((sum, one) => sum + (one.wait_seconds ?? 0) * one.stored, 0) / Math.max(1, stored);
  const longest = Math.max(0, ...measured.map((one) => one.max_wait_seconds ?? 0));
  const table = () => (
    <DataTable
      caption={t.health.delayOf}
      columns={t.health.delayColumns}
      rows={health.intervals.map((one) => ({
        key: one.start,
        cells: [
          intervalName(one.start, interval, zone),
          exactNumber(one.stored),
          one.wait_seconds === null ? t.common.none : seconds(one.wait_seconds),
          one.max_wait_seconds === null ? t.common.none : seconds(one.max_wait_seconds),
        ],
      }))}
    />
  );
  return (
    <ChartPanel
      title={t.health.delay}
      chart={
        measured.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t.health.noDelay}
          </Text>
        ) : (
          <>
            <Text size="sm" mb="xs" className="tm-figures">
              {t.health.delaySummary(seconds(mean), seconds(longest))}
            </Text>
            <TimeChart
              name={t.health.delay}
              label={t.health.delayOf}
              height={200}
              points={health.intervals.map((one) => ({ start: one.start, value: one.wait_seconds }))}
              interval={interval}
              timezone={zone}
              unit="seconds"
            />
          </>
        )
      }
      table={table}
    />
  );
}

/** Waits are mostly shorter than a second. */
function seconds(value: number): string {
  return value < 1 ? t.health.milliseconds(Math.round(value * 1_000)) : duration(value);
}
