const WIDTH = 240;
/** Space for the peak's mark above, and for half the line's width below. */
const TOP = 6;

interface SparklineProps {
  values: readonly number[];
  /** In pixels. */
  height?: number;
  /** Whether the last value is of the interval in progress. */
  isOpen?: boolean;
  /** The record; without it the highest value shown is marked. */
  peak?: number | undefined;
}

/**
 * A line without axes, and the mark of its peak. Decoration: the text beside it has the number.
 *
 * The last value still grows, so the way to it is dashed, and there is none if it would be a fall.
 */
export function Sparkline({ values, height = 56, isOpen = true, peak }: SparklineProps) {
  const shown = Math.max(0, ...values);
  const top = peak !== undefined && peak <= 2 * shown ? Math.max(shown, peak) : shown;
  const ground = height - 2;
  const step = WIDTH / Math.max(1, values.length - 1);
  const y = (value: number) => (top === 0 ? ground : ground - (value / top) * (ground - TOP));
  const all = values.map((value, index) => `${index * step},${y(value)}`);
  const complete = isOpen ? all.slice(0, -1) : all;
  const [last = 0, open = 0] = values.slice(-2);
  const end = Math.max(0, complete.length - 1) * step;
  const stroke = shown > 0 ? "var(--mantine-primary-color-filled)" : "var(--tm-line)";
  return (
    <svg viewBox={`0 0 ${WIDTH} ${height}`} preserveAspectRatio="none" width="100%" height={height} aria-hidden="true">
      {shown > 0 ? (
        <>
          <polygon points={`0,${height} ${complete.join(" ")} ${end},${height}`} fill={stroke} opacity="0.14" />
          <path d={`M0 ${TOP}h${WIDTH}`} stroke="var(--tm-mark)" strokeDasharray="2 4" strokeWidth="1" vectorEffect="non-scaling-stroke" />
        </>
      ) : null}
      <polyline points={complete.join(" ")} fill="none" stroke={stroke} strokeWidth="2" vectorEffect="non-scaling-stroke" />
      {isOpen && open >= last ? (
        <polyline points={all.slice(-2).join(" ")} fill="none" stroke={stroke} strokeDasharray="2 4" strokeWidth="2" vectorEffect="non-scaling-stroke" />
      ) : null}
    </svg>
  );
}
