import { UnstyledButton } from "@mantine/core";
import { isPlaceholder } from "../format/valueName";
import { t } from "../texts";
import classes from "./Legend.module.css";
import { lineStyle } from "./lineStyle";
import type { Line } from "./timeSeries";
import { useColours } from "./useColours";

interface LineLegendProps {
  lines: Line[];
  hidden: ReadonlySet<string>;
  onToggle: (id: string) => void;
}

/** The names of the lines, each a button that hides and shows its line. */
export function LineLegend({ lines, hidden, onToggle }: LineLegendProps) {
  const colours = useColours();
  return (
    <ul className={classes.legend} aria-label={t.charts.linesShown}>
      {lines.map((line, index) => {
        const { colour, dashed } = lineStyle(colours, line, index);
        return (
          <li key={line.id}>
            <UnstyledButton
              className={classes.entry}
              aria-pressed={!hidden.has(line.id)}
              onClick={() => {
                onToggle(line.id);
              }}
            >
              <svg width="16" height="4" aria-hidden="true">
                <path d="M0 2h16" stroke={colour} strokeWidth="3" strokeDasharray={dashed ? "4 2" : undefined} />
              </svg>
              <span className={classes.name} title={line.label} data-placeholder={line.isRest || isPlaceholder(line.label)}>
                {line.label}
              </span>
            </UnstyledButton>
          </li>
        );
      })}
    </ul>
  );
}
