import { Stack } from "@mantine/core";
import type { FigureQuestion } from "../../api/reports/figures";
import type { RevenueResult } from "../../api/insights/insights";
import { KpiStrip } from "../../components/figures/Kpi";
import { t } from "../../texts";
import { Figure, moneyUnit } from "./Figure";

interface RevenueKpisProps {
  result: RevenueResult;
  /** The query as it was sent. */
  body: Record<string, unknown>;
  /** With purchases and refunds too. */
  isDetailed?: boolean;
}

/** Revenue in one currency, in total and per user. */
export function RevenueKpis({ result, body, isDetailed = false }: RevenueKpisProps) {
  const money = moneyUnit(result.currency);
  // The persons behind the figure are those of the currency that it is in.
  const query = result.currency === null ? body : { ...body, currency: result.currency };
  const of = (figure: "payers" | "buyers" | "refunded" | "active"): FigureQuestion => ({ kind: "revenue", query, point: { figure } });
  return (
    <Stack gap="var(--tm-gap)">
      <KpiStrip label={t.game.revenueFigures}>
        <Figure figure="revenue" value={result.revenue} unit={money} question={of("buyers")} />
        <Figure figure="arpdau" value={result.average_per_active} unit={money} question={of("active")} />
        <Figure figure="arppu" value={result.per_payer} unit={money} question={of("payers")} />
        <Figure figure="payers" value={result.payers} question={of("payers")} />
        <Figure figure="payerShare" value={result.active > 0 ? result.payers / result.active : null} unit="share" question={of("payers")} />
      </KpiStrip>
      {isDetailed ? (
        <KpiStrip label={t.game.purchaseFigures}>
          <Figure figure="purchases" value={result.purchases} question={of("buyers")} />
          <Figure figure="refunded" value={result.refunded} unit={money} good="down" question={of("refunded")} />
          <Figure figure="arpu" value={result.per_active} unit={money} question={of("active")} />
        </KpiStrip>
      ) : null}
    </Stack>
  );
}
