const WIDTH = 240;
const HEIGHT = 44;

/** A line without axes; the text below it says the number. */
export function Sparkline({ values }: { values: number[] }) {
  const most = Math.max(1, ...values);
  const step = values.length > 1 ? WIDTH / (values.length - 1) : WIDTH;
  const points = values.map((value, index) => `${index * step},${HEIGHT - 3 - (value / most) * (HEIGHT - 8)}`);
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      width="100%"
      height={HEIGHT}
      aria-hidden="true"
      style={{ display: "block", margin: "12px 0" }}
    >
      {points.length > 1 ? (
        <>
          <polygon
            points={`0,${HEIGHT} ${points.join(" ")} ${WIDTH},${HEIGHT}`}
            fill="var(--mantine-primary-color-filled)"
            opacity="0.12"
          />
          <polyline
            points={points.join(" ")}
            fill="none"
            stroke="var(--mantine-primary-color-filled)"
            strokeWidth="2"
            vectorEffect="non-scaling-stroke"
          />
        </>
      ) : null}
    </svg>
  );
}
