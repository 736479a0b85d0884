import { ActionIcon, Group, Popover, Stack, Switch, Tooltip, VisuallyHidden } from "@mantine/core";
import {
  IconAdjustmentsHorizontal,
  IconChartArea,
  IconChartAreaLine,
  IconChartBar,
  IconChartHistogram,
  IconChartLine,
  IconNumbers,
  IconTable,
  IconWorld,
  type IconProps,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { TrendsSeries } from "../../../api/insights/insights";
import type { TimeSeries } from "../../../charts/timeSeries";
import { ChoiceBar } from "../../../components/forms/ChoiceBar";
import { t } from "../../../texts";
import { TRENDS_CHARTS, type TrendsChart, type View } from "../query/view";
import { canAddUp, canShare, type TrendView } from "./trendView";

/** Bars from left to right. */
function IconBarsAcross(props: IconProps) {
  return <IconChartBar {...props} style={{ transform: "rotate(90deg)" }} />;
}

const ICONS: Record<TrendsChart, ComponentType<IconProps>> = {
  line: IconChartLine,
  area: IconChartAreaLine,
  stacked: IconChartArea,
  columns: IconChartBar,
  "stacked-columns": IconChartHistogram,
  bars: IconBarsAcross,
  map: IconWorld,
  number: IconNumbers,
  table: IconTable,
};

interface TrendToolbarProps {
  view: TrendView;
  options: View;
  data: TimeSeries;
  /** Whether the values are countries, so that a map can show them. */
  hasCountries: boolean;
  series: readonly Pick<TrendsSeries, "metric">[];
  onChange: (changes: View) => void;
}

/** The choice of the chart behind one button: on a board, what is shown comes first. */
export function TrendToolbarOfTile(props: TrendToolbarProps) {
  const ChartIcon = ICONS[props.view.chart];
  return (
    <Popover position="bottom-end" trapFocus>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" size={28} aria-label={t.explore.chart}>
          <ChartIcon size={16} stroke={1.7} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <TrendToolbar {...props} />
      </Popover.Dropdown>
    </Popover>
  );
}

/** The choice of the chart, of its scale, and of what its values are. */
export function TrendToolbar({ view, options, data, hasCountries, series, onChange }: TrendToolbarProps) {
  const isTimeChart = !["bars", "map", "number", "table"].includes(view.chart);
  return (
    <Group gap={6}>
      <ChoiceBar
        label={t.explore.chart}
        data={TRENDS_CHARTS.filter((chart) => chart !== "map" || hasCountries || view.chart === "map").map((chart) => {
          const ChartIcon = ICONS[chart];
          return {
            value: chart,
            label: (
              <Tooltip label={t.explore.charts[chart]}>
                <span style={{ display: "flex", padding: "1px 0" }}>
                  <ChartIcon size={16} stroke={1.7} aria-hidden="true" />
                  <VisuallyHidden>{t.explore.charts[chart]}</VisuallyHidden>
                </span>
              </Tooltip>
            ),
          };
        })}
        value={view.chart}
        onChange={(chart) => {
          onChange({ chart: chart === "line" ? "" : chart });
        }}
      />
      {isTimeChart ? (
        <Popover position="bottom-end" width={260} trapFocus>
          <Popover.Target>
            <ActionIcon variant="default" size={28} aria-label={t.explore.chartOptions}>
              <IconAdjustmentsHorizontal size={15} stroke={1.7} />
            </ActionIcon>
          </Popover.Target>
          <Popover.Dropdown>
            <Stack gap="sm">
            <Option
              label={t.explore.logarithmic}
              isOn={options.scale === "log"}
              onToggle={(isOn) => {
                onChange({ scale: isOn ? "log" : "" });
              }}
            />
            <Option
              label={t.explore.cumulative}
              hint={canAddUp(series) ? undefined : t.explore.notAdditive}
              isOn={view.isCumulative}
              onToggle={(isOn) => {
                onChange({ cumulative: isOn ? "1" : "" });
              }}
            />
            <Option
              label={t.explore.percent}
              hint={canShare(data) ? undefined : t.explore.noShares}
              isOn={view.isShare}
              onToggle={(isOn) => {
                onChange({ values: isOn ? "percent" : "" });
              }}
            />
            </Stack>
          </Popover.Dropdown>
        </Popover>
      ) : null}
    </Group>
  );
}

interface OptionProps {
  label: string;
  /** Why it cannot be chosen. */
  hint?: string | undefined;
  isOn: boolean;
  onToggle: (isOn: boolean) => void;
}

function Option({ label, hint, isOn, onToggle }: OptionProps) {
  return (
    <Switch
      size="xs"
      label={label}
      description={hint}
      checked={isOn}
      disabled={hint !== undefined}
      onChange={(event) => {
        onToggle(event.currentTarget.checked);
      }}
    />
  );
}
