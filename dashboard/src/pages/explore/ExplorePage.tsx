import { Link, useParams } from "react-router";
import type { Project } from "../../api/client";
import { fieldErrors } from "../../api/errors";
import { INSIGHT_KINDS, useInsight, type InsightKind } from "../../api/insights";
import { NotFound } from "../../components/NotFound";
import { PageTitle } from "../../components/PageTitle";
import { Panel } from "../../components/Panel";
import { t } from "../../texts";
import { ProjectPage } from "../ProjectPage";
import { errorsInForm } from "../../report/filters";
import { isInsightKind, toKind, validate } from "./query/insightQuery";
import classes from "./ExplorePage.module.css";
import { toBody } from "./query/queryBody";
import { QueryForm } from "./builder/QueryForm";
import { ResultPanel } from "./ResultPanel";
import { SavedInsights } from "./saved/SavedInsights";
import { insightPath, useInsightQuery } from "./query/useInsightQuery";

/** Insights of every kind. The address holds the query. */
export function ExplorePage() {
  const { kind = "trends" } = useParams();
  if (!isInsightKind(kind)) return <NotFound />;
  return <ProjectPage>{(project) => <Insights key={project.id} project={project} kind={kind} />}</ProjectPage>;
}

function Insights({ project, kind }: { project: Project; kind: InsightKind }) {
  const { query, change, saved } = useInsightQuery(project.id, kind);
  const problem = validate(query);
  const insight = useInsight(project.id, kind, problem === null ? toBody(query, true) : null);
  const errors = errorsInForm(query.filters, fieldErrors(insight.error));
  const { name, note } = t.insights.kinds[kind];
  return (
    <>
      <PageTitle
        title={t.insights.title}
        tab={t.insights.tab(name, project.name)}
        note={note}
        actions={<SavedInsights project={project} query={query} saved={saved} />}
      />
      <nav aria-label={t.insights.kindsLabel}>
        <ul className={classes.kinds}>
          {INSIGHT_KINDS.map((one) => (
            <li key={one}>
              <Link
                className={classes.kind}
                to={insightPath(project.id, one, toBody(toKind(one, query)))}
                aria-current={one === kind ? "page" : undefined}
              >
                {t.insights.kinds[one].name}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className={classes.layout}>
        <Panel title={t.insights.query}>
          <QueryForm
            key={`${kind} ${saved ?? ""}`}
            projectId={project.id}
            query={query}
            change={change}
            errors={errors}
          />
        </Panel>
        <ResultPanel problem={problem} insight={insight} query={query} errors={errors} />
      </div>
    </>
  );
}
