import { t } from "../texts";
import classes from "./Legend.module.css";
import { seriesStyle } from "./palette";
import { useColours } from "./useColours";

interface ColourLegendProps {
  labels: string[];
  /** The label that stands for everything without a colour of its own. */
  rest?: string;
}

/** The colour of each series. */
export function ColourLegend({ labels, rest }: ColourLegendProps) {
  const colours = useColours();
  return (
    <ul className={classes.legend} aria-label={t.charts.colours}>
      {labels.map((label, index) => (
        <li key={index} style={{ display: "inline-flex", gap: 6, alignItems: "center", fontSize: 12 }}>
          <svg width="10" height="10" aria-hidden="true">
            <circle cx="5" cy="5" r="5" fill={seriesStyle(colours, index, label === rest).colour} />
          </svg>
          <span className={classes.name} title={label}>
            {label}
          </span>
        </li>
      ))}
    </ul>
  );
}
