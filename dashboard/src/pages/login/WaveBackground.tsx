import classes from "./LoginPage.module.css";

/** Waves at the foot of the page. Decoration. */
export function WaveBackground() {
  return (
    <svg className={classes.waves} viewBox="0 0 1440 360" preserveAspectRatio="none" aria-hidden="true">
      <path
        d="M0 60h1440"
        stroke="var(--tm-mark)"
        strokeWidth="2"
        strokeDasharray="3 9"
        strokeLinecap="round"
        vectorEffect="non-scaling-stroke"
      />
      <path
        className={classes.back}
        d="M0 150c120 0 120-36 240-36s120 36 240 36 120-36 240-36 120 36 240 36 120-36 240-36 120 36 240 36v210H0z"
      />
      <path
        className={classes.middle}
        d="M0 190c180 0 180 44 360 44s180-44 360-44 180 44 360 44 180-44 360-44v170H0z"
      />
      <path
        className={classes.front}
        d="M0 280c120 0 120-26 240-26s120 26 240 26 120-26 240-26 120 26 240 26 120-26 240-26 120 26 240 26v80H0z"
      />
    </svg>
  );
}
