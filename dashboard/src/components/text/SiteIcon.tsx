import classes from "./SiteIcon.module.css";

/** Dark enough for a white letter, at least 4.5:1. */
const COLOURS = ["#0b7f78", "#b4471e", "#6c4eb7", "#2b6f86", "#8b1f23", "#7a4fd0", "#544370", "#5d6b00"];

/** The first letter of a site in a colour of its own. Sites are not asked for their icons: they would learn who looks. */
export function SiteIcon({ site }: { site: string }) {
  const sum = Array.from(site).reduce((hash, sign) => (hash * 31 + (sign.codePointAt(0) ?? 0)) % 65_521, 7);
  return (
    // Not as text, which would be part of the name of a button around it.
    <span className={classes.icon} style={{ background: COLOURS[sum % COLOURS.length] }} data-letter={Array.from(site)[0]} aria-hidden="true" />
  );
}
