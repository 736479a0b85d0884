import { Stack } from "@mantine/core";
import type { FigureQuestion } from "../../api/reports/figures";
import type { RevenueResult } from "../../api/insights/insights";
import { KpiStrip } from "../../components/figures/Kpi";
import { t } from "../../texts";
import { Figure, moneyUnit, valueBefore, type Before } from "./Figure";

interface RevenueKpisProps {
  result: RevenueResult;
  /** The query as it was sent. */
  body: Record<string, unknown>;
  before: Before<RevenueResult> | undefined;
  /** With purchases and refunds too. */
  isDetailed?: boolean;
}

/** Revenue in one currency, in total and per user. */
export function RevenueKpis({ result, body, before, isDetailed = false }: RevenueKpisProps) {
  const money = moneyUnit(result.currency);
  // The persons behind the figure are those of the currency that it is in.
  const query = result.currency === null ? body : { ...body, currency: result.currency };
  const users = (figure: "payers" | "buyers" | "refunded" | "active"): FigureQuestion => ({ kind: "revenue", query, point: { figure } });
  // Amounts of another currency are nothing to compare with.
  const same = before?.result.currency === result.currency ? before : undefined;
  const of = (value: (one: RevenueResult) => number | null) => ({ value: value(result), previous: valueBefore(same, value) });
  return (
    <Stack gap="var(--tm-gap)">
      <KpiStrip label={t.game.revenueFigures}>
        <Figure figure="revenue" {...of((one) => one.revenue)} unit={money} question={users("buyers")} />
        <Figure figure="arpdau" {...of((one) => one.average_per_active)} unit={money} question={users("active")} />
        <Figure figure="arppu" {...of((one) => one.per_payer)} unit={money} question={users("payers")} />
        <Figure figure="payers" {...of((one) => one.payers)} question={users("payers")} />
        <Figure figure="payerShare" {...of(({ active, payers }) => (active > 0 ? payers / active : null))} unit="share" question={users("payers")} />
      </KpiStrip>
      {isDetailed ? (
        <KpiStrip label={t.game.purchaseFigures}>
          <Figure figure="purchases" {...of((one) => one.purchases)} question={users("buyers")} />
          <Figure figure="refunded" {...of((one) => one.refunded)} unit={money} good="down" question={users("refunded")} />
          <Figure figure="arpu" {...of((one) => one.per_active)} unit={money} question={users("active")} />
        </KpiStrip>
      ) : null}
    </Stack>
  );
}
