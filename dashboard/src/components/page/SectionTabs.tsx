import { Link } from "react-router";
import classes from "./SectionTabs.module.css";

interface SectionTabsProps {
  /** The name of the list for screen readers. */
  label: string;
  /** The page's address. */
  base: string;
  /** The path of the section that is shown. */
  current: string;
  /** Parameters that the sections share, without the question mark. */
  search?: string;
  /** Each with its path below the page's address; empty: the first section. */
  sections: readonly { path: string; label: string }[];
}

/** Links to the sections of a page, side by side above its content. */
export function SectionTabs({ label, base, current, search = "", sections }: SectionTabsProps) {
  return (
    <nav aria-label={label} className={classes.tabs}>
      {sections.map(({ path, label: name }) => (
        <Link key={path} to={{ pathname: path ? `${base}/${path}` : base, search }} className={classes.tab} aria-current={path === current ? "page" : undefined}>
          {name}
        </Link>
      ))}
    </nav>
  );
}
