import { IconChartFunnel, IconChartLine, IconRefresh, IconRepeat, IconRoute, IconStack2, type Icon } from "@tabler/icons-react";
import type { InsightKind } from "../../api/insights/insights";

export const KIND_ICONS: Record<InsightKind, Icon> = {
  trends: IconChartLine,
  funnel: IconChartFunnel,
  retention: IconRepeat,
  paths: IconRoute,
  lifecycle: IconRefresh,
  stickiness: IconStack2,
};
