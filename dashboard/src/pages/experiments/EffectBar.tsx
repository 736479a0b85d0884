import classes from "./EffectBar.module.css";
import type { Judgement } from "./judgement";

interface EffectBarProps {
  size: number | null;
  low: number;
  high: number;
  /** The largest bound of the metric: the bar reaches so far on both sides of 0. */
  extent: number;
  judgement: Judgement;
}

/** An interval on both sides of 0, which is in the middle. The figures stand beside it, so readers of the screen skip it. */
export function EffectBar({ size, low, high, extent, judgement }: EffectBarProps) {
  const at = (value: number) => `${50 + (50 * value) / (extent || 1)}%`;
  return (
    <div className={classes.bar} data-judgement={judgement} aria-hidden="true">
      <div className={classes.zero} />
      <div className={classes.interval} style={{ left: at(low), right: `calc(100% - ${at(high)})` }} />
      {size === null ? null : <div className={classes.size} style={{ left: at(size) }} />}
    </div>
  );
}
