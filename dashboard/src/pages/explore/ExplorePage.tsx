import { Alert } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { Navigate, useParams, useSearchParams } from "react-router";
import type { Project } from "../../api/requests/client";
import { fieldErrors } from "../../api/requests/errors";
import { useInsight, type InsightKind } from "../../api/insights/insights";
import { useSavedInsights } from "../../api/insights/savedInsights";
import { NotFound } from "../../components/states/NotFound";
import { PageTitle } from "../../components/page/PageTitle";
import { ReportBar } from "../../report/ReportBar";
import { t } from "../../texts";
import { ProjectPage } from "../ProjectPage";
import { Builder } from "./builder/Builder";
import classes from "./ExplorePage.module.css";
import { KindTabs } from "./KindTabs";
import { errorsInForm } from "./query/errorsInForm";
import { isInsightKind, toKind, validate } from "./query/insightQuery";
import { breakdownAsTrends, toBody } from "./query/queryBody";
import { bodyIn, insightPath, isFormerAddress, useInsightQuery } from "./query/useInsightQuery";
import { useView } from "./query/view";
import { ResultPanel } from "./ResultPanel";
import { SaveBar } from "./saved/SaveBar";

/** Insights of every kind. The address holds the query and how its result is shown. */
export function ExplorePage() {
  const { kind = "trends" } = useParams();
  const [parameters] = useSearchParams();
  if (kind === "breakdown") return <ProjectPage>{(project) => <FormerBreakdown project={project} />}</ProjectPage>;
  if (!isInsightKind(kind)) return <NotFound />;
  if (isFormerAddress(parameters)) return <ProjectPage>{(project) => <FormerAddress project={project} kind={kind} />}</ProjectPage>;
  return <ProjectPage>{(project) => <Insight key={project.id} project={project} kind={kind} />}</ProjectPage>;
}

/** Leads from the address of a breakdown, which once was a kind of its own, to trends as bars. */
function FormerBreakdown({ project }: { project: Project }) {
  const [parameters] = useSearchParams();
  const [view] = useView();
  const body = breakdownAsTrends(bodyIn(parameters));
  return <Navigate to={insightPath(project.id, "trends", body, savedIn(parameters), { chart: "bars", ...view })} replace />;
}

/** Leads from an address that has the range and the filters in its query to the one that has them beside it. */
function FormerAddress({ project, kind }: { project: Project; kind: InsightKind }) {
  const [parameters] = useSearchParams();
  const [view] = useView();
  return <Navigate to={insightPath(project.id, kind, bodyIn(parameters), savedIn(parameters), view)} replace />;
}

function savedIn(parameters: URLSearchParams): number | null {
  return Number(parameters.get("saved") ?? "") || null;
}

function Insight({ project, kind }: { project: Project; kind: InsightKind }) {
  const { query, change, saved } = useInsightQuery(kind);
  const [view] = useView();
  const insights = useSavedInsights(project.id);
  const current = insights.data?.find(({ id }) => id === saved);
  const isGone = saved !== null && insights.data !== undefined && current === undefined;
  const problem = validate(query);
  const insight = useInsight(project.id, kind, problem === null ? toBody(query, true) : null);
  const errors = errorsInForm(query, fieldErrors(insight.error));
  const { name, note } = t.insights.kinds[kind];
  return (
    <>
      <PageTitle
        title={current?.name ?? name}
        tab={t.explore.tab(current?.name ?? name, project.name)}
        note={current ? current.description || name : note}
        actions={<SaveBar key={saved} project={project} query={query} view={view} insight={current} isSaved={saved !== null} />}
      />
      <KindTabs projectId={project.id} kind={kind} addressOf={(one) => insightPath(project.id, one, toBody(toKind(one, query)))} />
      {isGone ? (
        <Alert color="yellow" icon={<IconInfoCircle size={18} />} title={t.explore.gone} role="note" mb="md">
          {t.explore.goneHint}
        </Alert>
      ) : null}
      <div className={classes.bar}>
        <ReportBar project={project} hide={hiddenChoices(kind)} />
      </div>
      <Builder key={`${kind} ${saved ?? ""}`} projectId={project.id} query={query} change={change} errors={errors} />
      <ResultPanel projectId={project.id} problem={problem} insight={insight} query={query} change={change} errors={errors} />
    </>
  );
}

/** The choices of the bar that a kind of insight does not have. */
function hiddenChoices(kind: InsightKind): ("compare" | "interval")[] {
  if (kind === "trends") return [];
  return kind === "funnel" || kind === "paths" ? ["compare", "interval"] : ["compare"];
}
