import { auditLog } from "./en/auditLog";
import { kpi, metrics, proof } from "./en/figures";
import { alerts, inbox } from "./en/alerts";
import { aggregates } from "./en/aggregates";
import { answers, charts, showOnce } from "./en/answers";
import { communities, communitySettings } from "./en/communities";
import { dashboards } from "./en/dashboards";
import { data } from "./en/data";
import { deadLetters } from "./en/deadLetters";
import { events } from "./en/events";
import { health } from "./en/health";
import { experiments } from "./en/experiments";
import { explore } from "./en/explore";
import { flags } from "./en/flags";
import { game } from "./en/game";
import { goals } from "./en/goals";
import { insights } from "./en/insights";
import { install } from "./en/install";
import { outcomes } from "./en/outcomes";
import { annotations, home } from "./en/home";
import { jobs } from "./en/jobs";
import { live } from "./en/live";
import { people } from "./en/personPages";
import { door, persons } from "./en/persons";
import { projects } from "./en/projects";
import { invitation, register } from "./en/register";
import { report } from "./en/report";
import { reports } from "./en/reports";
import { roles } from "./en/roles";
import { shell } from "./en/shell";
import { sql } from "./en/sql";
import { states } from "./en/states";
import { system } from "./en/system";
import { web } from "./en/web";

/** The English texts of all pages but the sign-in page, by where they are shown. A number within a text has a function. */
export const en = {
  roles,
  register,
  invitation,
  showOnce,
  answers,
  charts,
  kpi,
  metrics,
  proof,
  shell,
  projects,
  system,
  deadLetters,
  jobs,
  aggregates,
  communities,
  communitySettings,
  report,
  reports,
  door,
  persons,
  people,
  annotations,
  home,
  live,
  explore,
  insights,
  sql,
  states,
  dashboards,
  data,
  events,
  health,
  install,
  outcomes,
  auditLog,
  web,
  game,
  goals,
  flags,
  experiments,
  alerts,
  inbox,
};
