import { Link, useParams } from "react-router";
import { KINDS, type Kind } from "../../api/insights";
import type { Project } from "../../api/client";
import { PageTitle } from "../../components/PageTitle";
import { Panel } from "../../components/Panel";
import { NotFound } from "../../components/NotFound";
import { ProjectPage } from "../ProjectPage";
import { ResultPanel } from "./ResultPanel";
import classes from "./InsightsPage.module.css";
import { KIND_LABELS } from "./kinds";
import { asKind, toBody } from "./insightQuery";
import { QueryForm } from "./QueryForm";
import { SavedInsights } from "./SavedInsights";
import { insightPath, useInsightQuery } from "./useInsightQuery";

/** Questions that a person puts together. The address holds the question. */
export function InsightsPage() {
  const { kind = "trends" } = useParams();
  const known = KINDS.find((one) => one === kind);
  if (!known) return <NotFound />;
  return <ProjectPage>{(project) => <Insights key={project.id} project={project} kind={known} />}</ProjectPage>;
}

function Insights({ project, kind }: { project: Project; kind: Kind }) {
  const { question, change, saved } = useInsightQuery(project.id, kind);
  return (
    <>
      <PageTitle
        title="Insights"
        tab={`${KIND_LABELS[kind].name} of ${project.name}`}
        note={KIND_LABELS[kind].note}
        actions={<SavedInsights project={project} kind={kind} question={question} saved={saved} />}
      />
      <nav aria-label="Kinds of insight">
        <ul className={classes.kinds}>
          {KINDS.map((one) => (
            <li key={one}>
              <Link
                className={classes.kind}
                to={insightPath(project.id, one, toBody(one, one === kind ? question : asKind(one, question)))}
                aria-current={one === kind ? "page" : undefined}
              >
                {KIND_LABELS[one].name}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className={classes.layout}>
        <Panel title="Question">
          <QueryForm key={`${kind} ${saved ?? ""}`} projectId={project.id} kind={kind} question={question} change={change} />
        </Panel>
        <ResultPanel project={project} kind={kind} question={question} />
      </div>
    </>
  );
}
