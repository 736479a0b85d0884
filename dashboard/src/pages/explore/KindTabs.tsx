import { NativeSelect } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconBookmarks, IconDatabaseSearch, type Icon } from "@tabler/icons-react";
import { Link, useNavigate } from "react-router";
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

interface Way {
  name: string;
  note?: string;
  icon: Icon;
  address: string;
  isCurrent: boolean;
}

/** As in the style sheets of other pages. */
const PHONE = "(max-width: 40em)";

/** Links to the kinds of insight, the library and SQL; on a phone one field, so that the result is in the first screen. */
export function KindTabs({ projectId, kind, isSql = false, addressOf }: KindTabsProps) {
  const isPhone = useMediaQuery(PHONE, undefined, { getInitialValueInEffect: false });
  const navigate = useNavigate();
  const ways: Way[] = [
    ...INSIGHT_KINDS.map((one) => ({
      name: t.insights.kinds[one].name,
      note: t.insights.kinds[one].note,
      icon: KIND_ICONS[one],
      address: addressOf?.(one) ?? projectAddress(projectId, `/explore/${one}`),
      isCurrent: one === kind,
    })),
    { name: t.explore.library, icon: IconBookmarks, address: projectAddress(projectId, "/explore/library"), isCurrent: kind === undefined && !isSql },
    { name: t.sql.title, icon: IconDatabaseSearch, address: projectAddress(projectId, "/explore/sql"), isCurrent: isSql },
  ];
  if (isPhone) {
    return (
      <NativeSelect
        className={classes.tabs ?? ""}
        aria-label={t.insights.kindsLabel}
        data={ways.map(({ name, address }) => ({ value: address, label: name }))}
        value={ways.find(({ isCurrent }) => isCurrent)?.address ?? ""}
        onChange={(event) => {
          void navigate(event.currentTarget.value);
        }}
      />
    );
  }
  return (
    <nav aria-label={t.insights.kindsLabel} className={classes.tabs}>
      <ul className={classes.kinds}>
        {ways.map(({ name, note, icon: WayIcon, address, isCurrent }, index) => (
          <li key={name} className={index === INSIGHT_KINDS.length ? classes.apart : undefined}>
            <Link className={classes.kind ?? ""} to={address} title={note} aria-current={isCurrent ? "page" : undefined}>
              <WayIcon size={15} stroke={1.7} aria-hidden="true" />
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
