import { Stack } from "@mantine/core";
import type { RevenueResult } from "../../api/insights";
import { Door } from "../../components/Door";
import { KpiStrip } from "../../components/Kpi";
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
  const door = (text: string) =>
    result.payers > 0 ? (
      <Door figure={t.game.figures.payers.name} question={{ kind: "revenue", query, point: { figure: "payers" } }}>
        {text}
      </Door>
    ) : (
      text
    );
  return (
    <Stack gap="var(--tm-gap)">
      <KpiStrip label={t.game.revenueFigures}>
        <Figure figure="revenue" value={result.revenue} unit={money} />
        <Figure figure="arpdau" value={result.average_per_active} unit={money} />
        <Figure figure="arppu" value={result.per_payer} unit={money} />
        <Figure figure="payers" value={result.payers} door={door} />
        <Figure figure="payerShare" value={result.active > 0 ? result.payers / result.active : null} unit="share" />
      </KpiStrip>
      {isDetailed ? (
        <KpiStrip label={t.game.purchaseFigures}>
          <Figure figure="purchases" value={result.purchases} />
          <Figure figure="refunded" value={result.refunded} unit={money} good="down" />
          <Figure figure="arpu" value={result.per_active} unit={money} />
        </KpiStrip>
      ) : null}
    </Stack>
  );
}
