import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import { NotFound } from "./NotFound";
import { ErrorBoundary } from "./ErrorBoundary";
import classes from "./TabbedSections.module.css";

/** A part of a page with an address of its own below the page's. */
export interface Section {
  /** Below the page's address; empty: what the page shows first. */
  path: string;
  label: string;
  content: ReactNode;
  /** Leads to what cannot be undone. */
  isDestructive?: boolean;
}

interface TabbedSectionsProps {
  /** What the list of them is called for screen readers. */
  label: string;
  /** The page's address. */
  base: string;
  sections: readonly Section[];
}

/** A page in parts: their list, and the one that the address names. */
export function TabbedSections({ label, base, sections }: TabbedSectionsProps) {
  const named = (useParams()["*"] ?? "").replace(/\/$/, "");
  const current = sections.find(({ path }) => path === named);
  if (!current) return <NotFound />;
  return (
    <div className={classes.layout}>
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
  );
}
