import { Anchor, Skeleton, Text } from "@mantine/core";
import { Link } from "react-router";
import { projectAddress } from "../../addresses";
import { useSavedInsights } from "../../api/insights/savedInsights";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { Panel } from "../../components/page/Panel";
import { t } from "../../texts";
import { insightPath } from "../explore/query/useInsightQuery";
import { listInsights } from "../explore/saved/editing";
import classes from "./Pinned.module.css";

const MAX_SHOWN = 6;

/** The first saved insights of the library: favourites, then those that were saved last. */
export function Pinned({ projectId }: { projectId: number }) {
  const { data: saved, error, refetch } = useSavedInsights(projectId);
  const data = saved && listInsights(saved);
  return (
    <Panel title={t.home.pinned}>
      {error ? <ErrorAlert error={error} retry={() => void refetch()} /> : null}
      {data === undefined && !error ? <Skeleton height={140} /> : null}
      {data?.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t.home.nothingPinned}{" "}
          <Anchor component={Link} to={projectAddress(projectId, "/explore")} size="sm" underline="always">
            {t.home.explore}
          </Anchor>
        </Text>
      ) : null}
      <ul className={classes.list}>
        {data?.slice(0, MAX_SHOWN).map(({ insight: { id, name }, open: { kind, body, view } }) => (
          <li key={id} className={classes.item}>
            <Anchor component={Link} to={insightPath(projectId, kind, body, id, view)} size="sm" className={classes.name ?? ""} title={name}>
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
