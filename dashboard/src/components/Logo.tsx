/** The tide, and the mark it leaves. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#0b3d4a" />
      <path
        d="M5 20.5c3.7 0 3.7-4 7.3-4s3.7 4 7.4 4 3.6-4 7.3-4"
        fill="none"
        stroke="#4fd1b5"
        strokeWidth="2.8"
        strokeLinecap="round"
      />
      <path d="M5 12h22" stroke="#ffb38a" strokeWidth="2.4" strokeLinecap="round" />
    </svg>
  );
}
