import { Anchor, Skeleton, Text } from "@mantine/core";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import type { SavedInsight } from "../../api/client";
import { INSIGHT_KINDS, type InsightKind } from "../../api/insights";
import { useSavedInsights } from "../../api/savedInsights";
import { ErrorAlert } from "../../components/ErrorAlert";
import { Panel } from "../../components/Panel";
import { t } from "../../texts";
import classes from "./Pinned.module.css";

const MAX_SHOWN = 6;

/** The insights that members saved last. */
export function Pinned({ projectId }: { projectId: number }) {
  const { data: saved, error } = useSavedInsights(projectId);
  // Some kinds are saved by other clients and have no page.
  const data = saved?.filter(hasPage);
  return (
    <Panel title={t.home.pinned}>
      {error ? <ErrorAlert error={error} /> : null}
      {data === undefined && !error ? <Skeleton height={140} /> : null}
      {data?.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t.home.nothingPinned}{" "}
          <Anchor component={Link} to={projectAddress(projectId, "/explore")} size="sm">
            {t.home.explore}
          </Anchor>
        </Text>
      ) : null}
      <ul className={classes.list}>
        {data?.slice(0, MAX_SHOWN).map(({ id, name, kind, query }) => (
          <li key={id} className={classes.item}>
            <Anchor component={Link} to={insightAddress(projectId, { id, kind, query })} size="sm" className={classes.name ?? ""} title={name}>
              {name}
            </Anchor>
            <Text size="xs" c="dimmed">
              {t.insights.kinds[kind].name}
            </Text>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

type Shown = SavedInsight & { kind: InsightKind };

function hasPage(insight: SavedInsight): insight is Shown {
  return INSIGHT_KINDS.some((kind) => kind === insight.kind);
}

function insightAddress(projectId: number, { id, kind, query }: Pick<Shown, "id" | "kind" | "query">): string {
  const parameters = new URLSearchParams({ q: JSON.stringify(query), saved: String(id) });
  return `${projectAddress(projectId, `/explore/${kind}`)}?${parameters.toString()}`;
}
