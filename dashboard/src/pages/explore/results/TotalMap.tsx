import type { TrendsResult } from "../../../api/insights/insights";
import type { TimeSeries } from "../../../charts/timeSeries";
import { WorldMap } from "../../../charts/WorldMap";
import { t } from "../../../texts";
import classes from "./Totals.module.css";

interface TotalMapProps {
  data: TimeSeries;
  result: TrendsResult;
  hidden: ReadonlySet<string>;
  /** The property that the series are broken down by. */
  breakdown: string;
}

/** The totals of countries on a map. */
export function TotalMap({ data, result, hidden, breakdown }: TotalMapProps) {
  if (breakdown !== "country") return <p className={classes.empty}>{t.explore.mapNeedsCountries}</p>;
  const values = result.series.flatMap(({ breakdown: country, total }, index) => {
    const line = data.lines[index];
    return country === null || !line || hidden.has(line.id) ? [] : [{ country, value: total ?? 0 }];
  });
  return <WorldMap label={t.explore.charts.map} values={values} />;
}
