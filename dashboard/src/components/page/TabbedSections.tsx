import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import { ErrorBoundary } from "../states/ErrorBoundary";
import { NotFound } from "../states/NotFound";
import classes from "./TabbedSections.module.css";

/** A part of a page with an address of its own below the page's. */
export interface Section {
  /** Below the page's address; empty: the first section of the page. */
  path: string;
  label: string;
  content: ReactNode;
  /** Leads to something that cannot be undone. */
  isDestructive?: boolean;
}

interface TabbedSectionsProps {
  /** What stands above them; not above an address that is none of theirs. */
  title: ReactNode;
  /** The name of the list for screen readers. */
  label: string;
  /** The page's address. */
  base: string;
  sections: readonly Section[];
  /** As wide as the page, for tables; forms are read in a narrow column. */
  isWide?: boolean;
}

/** A page in sections: the list of them, and the one in the address. */
export function TabbedSections({ title, label, base, sections, isWide = false }: TabbedSectionsProps) {
  const named = (useParams()["*"] ?? "").replace(/\/$/, "");
  const current = sections.find(({ path }) => path === named);
  if (!current) return <NotFound />;
  return (
    <>
      {title}
      <div className={classes.layout} data-wide={isWide}>
        <nav aria-label={label}>
          <ul className={classes.list}>
            {sections.map(({ path, label: name, isDestructive }) => (
              <li key={path}>
                <Link
                  className={classes.link}
                  to={path ? `${base}/${path}` : base}
                  data-destructive={isDestructive}
                  aria-current={path === named ? "page" : undefined}
                >
                  {name}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div className={classes.content}>
          <ErrorBoundary key={named}>{current.content}</ErrorBoundary>
        </div>
      </div>
    </>
  );
}
