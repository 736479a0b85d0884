import { Link, useParams } from "react-router";
import { KINDS, type Kind } from "../../api/insights";
import type { Project } from "../../api/client";
import { PageTitle } from "../../components/PageTitle";
import { Panel } from "../../components/Panel";
import { NotFoundPage } from "../NotFoundPage";
import { ProjectPage } from "../ProjectPage";
import { AnswerPart } from "./AnswerPart";
import classes from "./InsightsPage.module.css";
import { KIND_WORDS } from "./kinds";
import { asKind, toBody } from "./question";
import { QuestionForm } from "./QuestionForm";
import { SavedInsights } from "./SavedInsights";
import { questionAddress, useQuestion } from "./useQuestion";

/** Questions that a person puts together. The address holds the question. */
export function InsightsPage() {
  const { kind = "trends" } = useParams();
  const known = KINDS.find((one) => one === kind);
  if (!known) return <NotFoundPage />;
  return <ProjectPage>{(project) => <Insights key={project.id} project={project} kind={known} />}</ProjectPage>;
}

function Insights({ project, kind }: { project: Project; kind: Kind }) {
  const { question, change, saved } = useQuestion(project.id, kind);
  return (
    <>
      <PageTitle
        title="Insights"
        tab={`${KIND_WORDS[kind].name} of ${project.name}`}
        note={KIND_WORDS[kind].note}
        actions={<SavedInsights project={project} kind={kind} question={question} saved={saved} />}
      />
      <nav aria-label="Kinds of insight">
        <ul className={classes.kinds}>
          {KINDS.map((one) => (
            <li key={one}>
              <Link
                className={classes.kind}
                to={questionAddress(project.id, one, toBody(one, one === kind ? question : asKind(one, question)))}
                aria-current={one === kind ? "page" : undefined}
              >
                {KIND_WORDS[one].name}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className={classes.layout}>
        <Panel title="Question">
          <QuestionForm key={`${kind} ${saved ?? ""}`} projectId={project.id} kind={kind} question={question} change={change} />
        </Panel>
        <AnswerPart project={project} kind={kind} question={question} />
      </div>
    </>
  );
}
