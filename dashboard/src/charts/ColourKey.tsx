import classes from "./LineLegend.module.css";
import { seriesStyle } from "./palette";
import { useColours } from "./useColours";

/** Which colour is what. */
export function ColourKey({ labels, rest }: { labels: string[]; rest?: string }) {
  const colours = useColours();
  return (
    <ul className={classes.legend} aria-label="Colours">
      {labels.map((label, place) => (
        <li key={place} style={{ display: "inline-flex", gap: 6, alignItems: "center", fontSize: 12 }}>
          <svg width="10" height="10" aria-hidden="true">
            <circle cx="5" cy="5" r="5" fill={seriesStyle(colours, place, label === rest).colour} />
          </svg>
          <span className={classes.name} title={label}>
            {label}
          </span>
        </li>
      ))}
    </ul>
  );
}
