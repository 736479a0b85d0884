import type { Project } from "../../api/client";
import { ROLE_DESCRIPTIONS } from "../../api/roles";
import { exactTime, zoneName } from "../../format/time";
import classes from "../../components/DefinitionList.module.css";

/** What nobody sets by hand. */
export function ProjectDetails({ project }: { project: Project }) {
  const facts = [
    ["Number", String(project.id)],
    ["Short name", project.slug],
    ["Made", exactTime(project.created_at, project.timezone)],
    ["Its clock", zoneName(project.timezone, new Date())],
    ["Your role", `${project.role}: ${ROLE_DESCRIPTIONS[project.role].replace(/^also /, "")}`],
  ] as const;
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name} className={classes.fact}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
