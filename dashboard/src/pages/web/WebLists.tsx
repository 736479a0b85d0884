import type { Project } from "../../api/requests/client";
import type { WebDimension } from "../../api/reports/web";
import { t } from "../../texts";
import { CountryMap } from "./CountryMap";
import { GoalList } from "./GoalList";
import { useGoalColumn } from "./goalColumn";
import { TabbedCard, type CardTab } from "./TabbedCard";
import { ValueList } from "./ValueList";
import classes from "./WebPage.module.css";

/** The cards of lists, two a row; the first list of each is shown unless the address names another. */
const CARDS: readonly { name: string; dimensions: readonly [WebDimension, ...WebDimension[]] }[] = [
  { name: "sources", dimensions: ["source", "channel", "utm_campaign", "utm_source", "utm_medium", "utm_term", "utm_content", "referrer"] },
  { name: "pages", dimensions: ["page", "entry_page", "exit_page"] },
  { name: "places", dimensions: ["country", "region", "city", "language"] },
  { name: "devices", dimensions: ["browser", "os", "device", "screen", "app_version"] },
];

/** Visitors by source, page, place and device; goals and events below them. */
export function WebLists({ project }: { project: Project }) {
  const goal = useGoalColumn();
  const column = goal.id === null ? t.web.visitors : t.web.withConversions;
  const tabOf = (dimension: WebDimension): CardTab => ({
    key: dimension,
    label: t.web.dimensions[dimension],
    column,
    content: <ValueList key={dimension} project={project} dimension={dimension} />,
  });
  const map: CardTab = { key: "map", label: t.web.map, column: t.web.visitors, content: <CountryMap project={project} /> };
  return (
    <div className={classes.lists}>
      {CARDS.map(({ name, dimensions: [first, ...others] }) => (
        <TabbedCard key={name} name={name} tabs={[tabOf(first), ...others.map(tabOf), ...(name === "places" ? [map] : [])]} />
      ))}
      <div className={classes.wide}>
        <TabbedCard
          name="reached"
          tabs={[
            { key: "goals", label: t.web.goals, column: t.web.withConversions, content: <GoalList project={project} /> },
            { ...tabOf("event"), column: t.web.visitors },
          ]}
        />
      </div>
    </div>
  );
}
