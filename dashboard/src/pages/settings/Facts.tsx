import type { Project } from "../../api/client";
import { exactNumber } from "../../format/numbers";
import { dayName, zoneName } from "../../format/time";
import classes from "./Facts.module.css";

/** What holds for a project, as it was set. */
export function Facts({ project }: { project: Project }) {
  const facts = [
    ["Time zone", zoneName(project.timezone, new Date())],
    ["Rate limit", `${exactNumber(project.rate_limit_per_minute)} events a minute`],
    ["Sources", project.allowed_sources.length > 0 ? project.allowed_sources.join(", ") : "All are taken"],
    ["Takes events", project.is_active ? "Yes" : "No, it is switched off"],
    ["Short name", project.slug],
    ["Made on", dayName(project.created_at, project.timezone)],
    ["Your role", project.role],
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
