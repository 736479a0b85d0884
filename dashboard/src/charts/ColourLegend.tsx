import { isPlaceholder } from "../format/valueName";
import { t } from "../texts";
import classes from "./Legend.module.css";
import { seriesStyle } from "./palette";
import { useColours } from "./useColours";

interface ColourLegendProps {
  /** `isRest`: the sum of everything without a colour of its own. */
  items: { label: string; isRest?: boolean }[];
}

/** The colour of each series. */
export function ColourLegend({ items }: ColourLegendProps) {
  const colours = useColours();
  return (
    <ul className={classes.legend} aria-label={t.charts.colours}>
      {items.map(({ label, isRest = false }, index) => (
        <li key={index} style={{ display: "inline-flex", gap: 6, alignItems: "center", fontSize: 12 }}>
          <svg width="10" height="10" aria-hidden="true">
            <circle cx="5" cy="5" r="5" fill={seriesStyle(colours, index, isRest).colour} />
          </svg>
          <span className={classes.name} title={label} data-placeholder={isPlaceholder(label)}>
            {label}
          </span>
        </li>
      ))}
    </ul>
  );
}
