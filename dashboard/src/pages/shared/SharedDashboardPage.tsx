import { Group, Select, Text } from "@mantine/core";
import { useState } from "react";
import { useParams } from "react-router";
import { useSharedDashboard, useSharedInsight, type SharedDashboard, type SharedLink } from "../../api/insights/dashboards";
import { ApiError, hasCode } from "../../api/requests/errors";
import type { Insight, InsightKind } from "../../api/insights/insights";
import { ErrorAlert } from "../../notices/ErrorAlert";
import { SlowServerBanner } from "../../notices/SlowServerBanner";
import { PageTitle } from "../../components/page/PageTitle";
import { ReportContent } from "../../components/figures/ReportContent";
import { LoadingSkeleton } from "../../components/states/LoadingSkeleton";
import { DateRange } from "../../report/DateRange";
import type { ReportRange } from "../../report/reportState";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import classes from "../dashboards/Dashboard.module.css";
import { tileBody, TileResult } from "../dashboards/InsightTile";
import { TextTile, textTitle } from "../dashboards/TextTile";
import { TileFrame } from "../dashboards/TileFrame";
import { tileWidth } from "../dashboards/tiles";
import { isInsightKind } from "../explore/query/insightQuery";
import { parseView } from "../explore/query/view";
import { allowedRange } from "./allowedRange";
import { SharePassword } from "./SharePassword";
import { storeAccess, storedAccess } from "./shareAccess";

/** A dashboard behind a public link, for readers without an account; alone, or inside a page of an allowed site. */
export function SharedDashboardPage() {
  const { token = "" } = useParams();
  const [access, setAccess] = useState(() => storedAccess(token));
  const link = { token, access };
  const dashboard = useSharedDashboard(link);
  if (dashboard.error instanceof ApiError && dashboard.error.status === 404) {
    return (
      <main className={classes.shared}>
        <PageTitle title={t.dashboards.sharedGone} />
      </main>
    );
  }
  if (hasCode(dashboard.error, "share_password_required")) {
    return (
      <main className={classes.shared}>
        <SharePassword
          token={token}
          onOpen={(given) => {
            storeAccess(token, given);
            setAccess(given);
          }}
        />
      </main>
    );
  }
  return (
    <main className={classes.shared}>
      <SlowServerBanner />
      {dashboard.error ? <ErrorAlert error={dashboard.error} retry={() => void dashboard.refetch()} /> : null}
      {dashboard.data ? <Tiles link={link} dashboard={dashboard.data} /> : null}
      {dashboard.isPending ? <LoadingSkeleton height={360} radius="lg" /> : null}
    </main>
  );
}

function Tiles({ link, dashboard }: { link: SharedLink; dashboard: SharedDashboard }) {
  const report = useReport();
  const range = allowedRange(report.range, dashboard);
  const segment = dashboard.segments.find(({ id }) => report.segments.ids.includes(id));
  return (
    <>
      <PageTitle
        title={dashboard.name}
        note={dashboard.description}
        actions={
          <Group gap="xs">
            {dashboard.segments.length > 0 ? (
              <Select
                size="xs"
                w={180}
                aria-label={t.dashboards.segment}
                allowDeselect={false}
                data={[{ value: "", label: t.dashboards.everyone }, ...dashboard.segments.map(({ id, name }) => ({ value: String(id), label: name }))]}
                value={segment ? String(segment.id) : ""}
                onChange={(value) => {
                  report.set({ segments: { ids: value ? [Number(value)] : [], every: true } });
                }}
              />
            ) : null}
            {dashboard.share.period === null ? (
              <DateRange
                range={range}
                zone={dashboard.timezone}
                onChange={(chosen) => {
                  report.set({ range: chosen });
                }}
              />
            ) : (
              <Text size="sm">{"period" in range ? t.insights.periods[range.period] : null}</Text>
            )}
          </Group>
        }
      />
      <div className={classes.grid}>
        {dashboard.tiles.map(({ insight, text, layout }, index) => (
          <TileFrame key={index} id={String(insight?.id ?? "text")} title={insight?.name ?? textTitle(text ?? "")} width={tileWidth(layout)}>
            {insight ? (
              <SharedInsightTile link={link} insight={insight} zone={dashboard.timezone} range={range} segment={segment?.id} />
            ) : (
              <TextTile text={text ?? ""} />
            )}
          </TileFrame>
        ))}
      </div>
      <Text size="sm" c="dimmed" mt="md">
        {dashboard.share.earliest === null ? t.dashboards.sharedBy : t.dashboards.sharedSince(dashboard.share.earliest)}
      </Text>
    </>
  );
}

interface SharedInsightTileProps {
  link: SharedLink;
  insight: NonNullable<SharedDashboard["tiles"][number]["insight"]>;
  zone: string;
  range: ReportRange;
  segment: number | undefined;
}

function SharedInsightTile({ insight, ...others }: SharedInsightTileProps) {
  const { kind } = insight;
  return isInsightKind(kind) ? <KnownTile insight={insight} kind={kind} {...others} /> : <>{t.dashboards.otherKind}</>;
}

function KnownTile({ link, insight, kind, zone, range, segment }: SharedInsightTileProps & { kind: InsightKind }) {
  const result = useSharedInsight(link, insight.id, segment === undefined ? range : { ...range, segment });
  return (
    <ReportContent result={result} zone={zone}>
      {(answer) => (
        <TileResult
          project={0}
          insight={{ kind, result: answer, body: tileBody(kind, insight.query, { range, body: range }) } as Insight}
          view={parseView(insight.view)}
          receivedAt={result.dataUpdatedAt}
          path={null}
        />
      )}
    </ReportContent>
  );
}
