import { Skeleton, Text } from "@mantine/core";
import type { FigurePoint, ReportBody } from "../../api/reports/figures";
import type { Live } from "../../api/reports/home";
import { Door } from "../../components/figures/Door";
import { Name } from "../../components/text/Name";
import { Panel } from "../../components/page/Panel";
import { countryName } from "../../format/country";
import { exactNumber } from "../../format/numbers";
import type { Condition } from "../../report/filters";
import { t } from "../../texts";
import classes from "./LivePage.module.css";
import { nowOf } from "./nowOf";

interface LiveList {
  name: "pages" | "sources" | "countries";
  /** What the values are of. */
  property: string;
  title: string;
  /** What a value is called. */
  nameOf: (value: string | null) => string;
  /** What is said without users. */
  empty: string;
}

/** Where the users of now are and come from. */
export const LIVE_LISTS: readonly LiveList[] = [
  { name: "pages", property: "page_path", title: t.live.pages, nameOf: (value) => value ?? t.live.noPage, empty: t.live.nobodyOnPages },
  { name: "sources", property: "referrer_domain", title: t.live.sources, nameOf: (value) => value ?? t.live.direct, empty: t.live.nobody },
  {
    name: "countries",
    property: "country",
    title: t.live.countries,
    nameOf: (value) => (value === null ? t.live.unknown : countryName(value)),
    empty: t.live.nobody,
  },
];

interface LiveValuesProps {
  list: LiveList;
  /** undefined: on its way. */
  live: Live | undefined;
  /** The filters of the page. */
  body: ReportBody;
}

/** The values of the users of now, most users first, each with a bar behind it; a count leads to its users. */
export function LiveValues({ list: { name: list, property, title, nameOf, empty }, live, body }: LiveValuesProps) {
  const values = live?.[list];
  const most = Math.max(1, ...(values ?? []).map(({ users }) => users));
  return (
    <Panel title={title}>
      {values === undefined ? <Skeleton height={96} /> : null}
      {values?.length === 0 ? (
        <Text size="sm" c="dimmed">
          {empty}
        </Text>
      ) : null}
      <ul className={classes.values}>
        {values?.map(({ value, users }) => {
          const label = nameOf(value);
          const point: FigurePoint<"live"> = { list, value };
          return (
            <li key={value ?? ""} className={classes.value}>
              <span className={classes.fill} style={{ width: `${(users / most) * 80}%` }} aria-hidden="true" />
              <span className={classes.name} title={label}>
                <Name>{label}</Name>
              </span>
              <span className={classes.count}>
                <Door figure={t.home.figureOf(title, label)} question={live ? { kind: "live", query: nowOf(live, body), point } : null} condition={conditionOf(property, value)}>
                  {exactNumber(users)}
                </Door>
              </span>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

function conditionOf(property: string, value: string | null): Condition {
  return value === null ? { property, operator: "is_not_set", values: [], scope: "event" } : { property, operator: "is", values: [value], scope: "event" };
}
