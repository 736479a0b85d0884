import { Skeleton, Text } from "@mantine/core";
import { useParams } from "react-router";
import { useSharedDashboard, useSharedInsight, type SharedDashboard } from "../../api/dashboards";
import { ApiError } from "../../api/errors";
import type { Insight, InsightKind } from "../../api/insights";
import { EmptyState } from "../../components/EmptyState";
import { ErrorAlert } from "../../components/ErrorAlert";
import { PageTitle } from "../../components/PageTitle";
import { ReportContent } from "../../components/ReportContent";
import { DateRange } from "../../report/DateRange";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import classes from "../dashboards/Dashboard.module.css";
import { boardBody, TileResult } from "../dashboards/InsightTile";
import { TextTile, textTitle } from "../dashboards/TextTile";
import { TileFrame } from "../dashboards/TileFrame";
import { tileWidth } from "../dashboards/tiles";
import { isInsightKind } from "../explore/query/insightQuery";
import { parseView } from "../explore/query/view";

/** A dashboard behind a public link, for readers without an account. */
export function SharedDashboardPage() {
  const { token = "" } = useParams();
  const dashboard = useSharedDashboard(token);
  if (dashboard.error instanceof ApiError && dashboard.error.status === 404) {
    return (
      <main className={classes.shared}>
        <EmptyState title={t.dashboards.sharedGone} />
      </main>
    );
  }
  return (
    <main className={classes.shared}>
      {dashboard.error ? <ErrorAlert error={dashboard.error} retry={() => void dashboard.refetch()} /> : null}
      {dashboard.data ? <Tiles token={token} dashboard={dashboard.data} /> : null}
      {dashboard.isPending ? <Skeleton height={360} radius="lg" aria-label={t.common.loading} /> : null}
    </main>
  );
}

function Tiles({ token, dashboard }: { token: string; dashboard: SharedDashboard }) {
  const { range, set } = useReport();
  return (
    <>
      <PageTitle
        title={dashboard.name}
        note={dashboard.description}
        actions={
          <DateRange
            range={range}
            zone={dashboard.timezone}
            onChange={(chosen) => {
              set({ range: chosen });
            }}
          />
        }
      />
      <div className={classes.grid}>
        {dashboard.tiles.map(({ insight, text, layout }, index) => (
          <TileFrame key={index} id={String(insight?.id ?? "text")} title={insight?.name ?? textTitle(text ?? "")} width={tileWidth(layout)}>
            {insight ? <SharedInsightTile token={token} insight={insight} zone={dashboard.timezone} /> : <TextTile text={text ?? ""} />}
          </TileFrame>
        ))}
      </div>
      <Text size="sm" c="dimmed" mt="md">
        {t.dashboards.sharedBy}
      </Text>
    </>
  );
}

interface SharedInsightTileProps {
  token: string;
  insight: NonNullable<SharedDashboard["tiles"][number]["insight"]>;
  zone: string;
}

function SharedInsightTile({ insight, ...others }: SharedInsightTileProps) {
  const { kind } = insight;
  return isInsightKind(kind) ? <KnownTile insight={insight} kind={kind} {...others} /> : <>{t.dashboards.otherKind}</>;
}

function KnownTile({ token, insight, kind, zone }: SharedInsightTileProps & { kind: InsightKind }) {
  const report = useReport();
  const result = useSharedInsight(token, insight.id, report.range);
  return (
    <ReportContent result={result} zone={zone}>
      {(answer) => (
        <TileResult
          project={0}
          insight={{ kind, result: answer, body: boardBody(insight.query, { range: report.range, body: report.range }) } as Insight}
          view={parseView(insight.view)}
          receivedAt={result.dataUpdatedAt}
          path={null}
        />
      )}
    </ReportContent>
  );
}
