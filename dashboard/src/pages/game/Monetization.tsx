import { Stack, Text } from "@mantine/core";
import type { Project } from "../../api/requests/client";
import type { RevenueResult } from "../../api/insights/insights";
import { ColumnChart } from "../../charts/ColumnChart";
import { CurveChart } from "../../charts/CurveChart";
import { TimeChart } from "../../charts/TimeChart";
import { ChartPanel } from "../../components/figures/ChartPanel";
import { DataTable } from "../../components/tables/DataTable";
import { Door } from "../../components/figures/Door";
import { EmptyState } from "../../components/states/EmptyState";
import { Panel } from "../../components/page/Panel";
import { exactNumber } from "../../format/numbers";
import { dayName } from "../../format/time";
import { exactValue } from "../../format/units";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import { moneyUnit } from "./Figure";
import { GameReport } from "./GameReport";
import { RevenueKpis } from "./RevenueKpis";
import { timePoints } from "./timePoints";
import { useBefore, usePeriodBefore } from "./useBefore";

/** What players pay: the currency with most amounts, and all currencies side by side. */
export function Monetization({ project }: { project: Project }) {
  const { body } = useReport();
  const daily = { ...body, interval: "day" };
  const before = useBefore(project, "revenue", daily, usePeriodBefore(project));
  return (
    <GameReport project={project} kind="revenue" body={daily}>
      {({ result, body: asked }) => (
        <Stack gap="var(--tm-gap)">
          {result.purchases + result.refunds === 0 ? (
            <EmptyState title={t.game.noPurchases} note={t.game.noPurchasesHint} isFiltered />
          ) : (
            <>
              <RevenueKpis result={result} body={asked} before={before} isDetailed />
              <RevenueChart result={result} />
              <Currencies result={result} body={asked} />
              <LifetimeValue result={result} />
              <FirstPurchase result={result} />
              <TopItems result={result} />
            </>
          )}
          {result.ignored_amounts > 0 ? (
            <Text size="sm" c="dimmed" role="note">
              {t.game.ignored(result.ignored_amounts)}
            </Text>
          ) : null}
        </Stack>
      )}
    </GameReport>
  );
}

function RevenueChart({ result }: { result: RevenueResult }) {
  const { series, currency, timezone } = result;
  const unit = moneyUnit(currency);
  return (
    <ChartPanel
      title={t.game.revenueByDay}
      chart={
        <TimeChart
          label={t.game.revenueByDay}
          name={t.game.figures.revenue.name}
          unit={unit}
          interval={result.interval}
          timezone={timezone}
          height={250}
          {...timePoints(series.map(({ date, revenue }) => ({ date, value: revenue })), result)}
        />
      }
      table={() => (
        <DataTable
          caption={t.game.revenueByDay}
          columns={[t.insights.start, t.game.figures.revenue.name, t.game.figures.payers.name]}
          rows={series.map(({ date, revenue, payers }) => ({
            key: date,
            cells: [dayName(date, timezone), exactValue(revenue, unit), exactNumber(payers)],
          }))}
        />
      )}
    />
  );
}

function Currencies({ result: { currencies }, body }: { result: RevenueResult; body: Record<string, unknown> }) {
  const { revenue, purchases, refunded, payers } = t.game.figures;
  return (
    <Panel title={t.game.byCurrency}>
      <DataTable
        caption={t.game.currencies}
        columns={[t.game.currency, revenue.name, purchases.name, refunded.name, payers.name]}
        rows={currencies.map((one) => {
          const unit = moneyUnit(one.currency);
          return {
            key: JSON.stringify(one.currency),
            cells: [
              one.currency ?? t.game.noCurrency,
              exactValue(one.revenue, unit),
              exactNumber(one.purchases),
              exactValue(one.refunded, unit),
              <Door
                key="payers"
                figure={t.game.figureOf(one.currency ?? t.game.noCurrency, payers.name)}
                // A query names a currency; that of amounts without one has no name.
                question={one.payers > 0 && one.currency !== null ? { kind: "revenue", query: { ...body, currency: one.currency }, point: { figure: "payers" } } : null}
              >
                {exactNumber(one.payers)}
              </Door>,
            ],
          };
        })}
      />
    </Panel>
  );
}

function LifetimeValue({ result: { lifetime_value: points, currency } }: { result: RevenueResult }) {
  const unit = moneyUnit(currency);
  return (
    <ChartPanel
      title={t.game.lifetimeValue}
      chart={
        <>
          <CurveChart
            points={points.map(({ after, value, persons }) => ({ name: t.game.day(after), value, users: persons }))}
            unit={unit}
            names={{ value: t.game.lifetimeValue, users: t.game.figures.newUsers.name }}
            label={t.charts.summary(t.game.lifetimeValue, points.map(({ after, value }) => `${t.game.day(after)} ${exactValue(value, unit)}`).join(", "))}
          />
          <Text size="xs" c="dimmed" mt="xs">
            {t.game.lifetimeNote}
          </Text>
        </>
      }
      table={() => (
        <DataTable
          caption={t.game.lifetimeNote}
          columns={[t.game.after, t.game.lifetimeValue, t.game.figures.newUsers.name]}
          rows={points.map(({ after, value, persons }) => ({
            key: String(after),
            cells: [t.game.day(after), exactValue(value, unit), exactNumber(persons)],
          }))}
        />
      )}
    />
  );
}

function FirstPurchase({ result: { first_purchases: points, first_purchase_median: median } }: { result: RevenueResult }) {
  if (median === null) return null;
  const { firstPurchase: title, newBuyers: name } = t.game;
  const buyers = points.reduce((sum, { persons }) => sum + persons, 0);
  return (
    <ChartPanel
      title={title}
      chart={
        <>
          <ColumnChart
            names={points.map(({ after }) => t.game.day(after))}
            series={[{ label: name, values: points.map(({ persons }) => persons) }]}
            tooltip={(index) => ({ title: t.game.day(points[index]?.after ?? 0), rows: [{ label: name, value: exactNumber(points[index]?.persons ?? 0) }] })}
            label={t.charts.summary(title, points.map(({ after, persons }) => `${t.game.day(after)} ${exactNumber(persons)}`).join(", "))}
          />
          <Text size="xs" c="dimmed" mt="xs">
            {t.game.firstPurchaseNote(exactNumber(buyers), exactNumber(Math.ceil(median)))}
          </Text>
        </>
      }
      table={() => (
        <DataTable
          caption={t.game.firstPurchaseNote(exactNumber(buyers), exactNumber(Math.ceil(median)))}
          columns={[t.game.after, name]}
          rows={points.map(({ after, persons }) => ({ key: String(after), cells: [t.game.day(after), exactNumber(persons)] }))}
        />
      )}
    />
  );
}

function TopItems({ result: { items, currency } }: { result: RevenueResult }) {
  // Without a name there is nothing to tell apart.
  if (items.every(({ item }) => item === null)) return null;
  const unit = moneyUnit(currency);
  const { revenue, purchases } = t.game.figures;
  return (
    <Panel title={t.game.topItems}>
      <DataTable
        caption={t.game.topItemsNote}
        columns={[t.game.item, revenue.name, t.game.units, purchases.name, t.game.buyers]}
        rows={items.map(({ item, revenue: paid, units, purchases: times, persons }) => ({
          key: JSON.stringify(item),
          cells: [item ?? t.game.noItem, exactValue(paid, unit), exactNumber(units), exactNumber(times), exactNumber(persons)],
        }))}
      />
    </Panel>
  );
}
