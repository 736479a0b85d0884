import { IconBookmarks, IconDatabaseSearch } from "@tabler/icons-react";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import { INSIGHT_KINDS, type InsightKind } from "../../api/insights/insights";
import { t } from "../../texts";
import classes from "./ExplorePage.module.css";
import { KIND_ICONS } from "./kinds";

interface KindTabsProps {
  projectId: number;
  /** The kind that is open; missing: the library, or the page that runs SQL. */
  kind?: InsightKind;
  /** The page that runs SQL is open. */
  isSql?: boolean;
  /** The address of a kind; missing: that of its default query. */
  addressOf?: (kind: InsightKind) => string;
}

/** Links to the kinds of insight, the library and SQL. */
export function KindTabs({ projectId, kind, isSql = false, addressOf }: KindTabsProps) {
  return (
    <nav aria-label={t.insights.kindsLabel} className={classes.tabs}>
      <ul className={classes.kinds}>
        {INSIGHT_KINDS.map((one) => {
          const Icon = KIND_ICONS[one];
          return (
            <li key={one}>
              <Link
                className={classes.kind ?? ""}
                to={addressOf?.(one) ?? projectAddress(projectId, `/explore/${one}`)}
                title={t.insights.kinds[one].note}
                aria-current={one === kind ? "page" : undefined}
              >
                <Icon size={15} stroke={1.7} aria-hidden="true" />
                {t.insights.kinds[one].name}
              </Link>
            </li>
          );
        })}
        <li className={classes.apart}>
          <Link
            className={classes.kind ?? ""}
            to={projectAddress(projectId, "/explore/library")}
            aria-current={kind === undefined && !isSql ? "page" : undefined}
          >
            <IconBookmarks size={15} stroke={1.7} aria-hidden="true" />
            {t.explore.library}
          </Link>
        </li>
        <li>
          <Link className={classes.kind ?? ""} to={projectAddress(projectId, "/explore/sql")} aria-current={isSql ? "page" : undefined}>
            <IconDatabaseSearch size={15} stroke={1.7} aria-hidden="true" />
            {t.sql.title}
          </Link>
        </li>
      </ul>
    </nav>
  );
}
