import type { Project } from "../../api/client";
import { ROLE_WORDS } from "../../api/roles";
import { exactTime, zoneName } from "../../format/time";
import classes from "./Facts.module.css";

/** What nobody sets by hand. */
export function Facts({ project }: { project: Project }) {
  const facts = [
    ["Number", String(project.id)],
    ["Short name", project.slug],
    ["Made", exactTime(project.created_at, project.timezone)],
    ["Its clock", zoneName(project.timezone, new Date())],
    ["Your role", `${project.role}: ${ROLE_WORDS[project.role].replace(/^also /, "")}`],
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
