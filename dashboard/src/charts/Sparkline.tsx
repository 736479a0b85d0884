const WIDTH = 240;
const HEIGHT = 56;
/** Space for the peak's line above, and for half the line's width below. */
const TOP = 6;
const GROUND = HEIGHT - 2;

/**
 * A line without axes, and its peak. Decoration: the text beside it has the number.
 *
 * The last value is of the interval in progress, so the way to it is dashed.
 */
export function Sparkline({ values }: { values: number[] }) {
  const peak = Math.max(0, ...values);
  const step = WIDTH / Math.max(1, values.length - 1);
  const height = (value: number) => (peak === 0 ? GROUND : GROUND - (value / peak) * (GROUND - TOP));
  const all = values.map((value, index) => `${index * step},${height(value)}`);
  const complete = all.slice(0, -1);
  const points = complete.join(" ");
  const end = Math.max(0, complete.length - 1) * step;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" width="100%" height={HEIGHT} aria-hidden="true">
      {peak > 0 ? (
        <>
          <polygon points={`0,${HEIGHT} ${points} ${end},${HEIGHT}`} fill="var(--mantine-primary-color-filled)" opacity="0.14" />
          <path
            d={`M0 ${TOP}h${WIDTH}`}
            stroke="var(--tm-mark)"
            strokeDasharray="2 4"
            strokeWidth="1"
            vectorEffect="non-scaling-stroke"
          />
        </>
      ) : null}
      <polyline
        points={points}
        fill="none"
        stroke={peak > 0 ? "var(--mantine-primary-color-filled)" : "var(--tm-line)"}
        strokeWidth="2"
        vectorEffect="non-scaling-stroke"
      />
      <polyline
        points={all.slice(-2).join(" ")}
        fill="none"
        stroke={peak > 0 ? "var(--mantine-primary-color-filled)" : "var(--tm-line)"}
        strokeDasharray="2 4"
        strokeWidth="2"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
