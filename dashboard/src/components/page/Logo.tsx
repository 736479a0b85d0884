/** The logo: waves, and the line of the tidemark above them. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <defs>
        <clipPath id="tidemark-stone">
          <rect width="32" height="32" rx="8.5" />
        </clipPath>
      </defs>
      <g clipPath="url(#tidemark-stone)">
        <rect width="32" height="32" fill="#0a3540" />
        <path d="M0 20c4 0 4-3.2 8-3.2S12 20 16 20s4-3.2 8-3.2S28 20 32 20v12H0z" fill="#1d9c92" />
        <path d="M0 25.5c4 0 4-2.6 8-2.6s4 2.6 8 2.6 4-2.6 8-2.6 4 2.6 8 2.6V32H0z" fill="#57d3c2" />
        <path d="M6 10.5h20" stroke="#ff9a70" strokeWidth="2.6" strokeLinecap="round" />
      </g>
    </svg>
  );
}
