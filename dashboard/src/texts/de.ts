import type { en } from "./en";
import { auditLog } from "./de/auditLog";
import { kpi, metrics, proof } from "./de/figures";
import { answers, charts, showOnce } from "./de/answers";
import { alerts, inbox } from "./de/alerts";
import { aggregates } from "./de/aggregates";
import { communities, communitySettings } from "./de/communities";
import { dashboards } from "./de/dashboards";
import { data } from "./de/data";
import { deadLetters } from "./de/deadLetters";
import { events } from "./de/events";
import { health } from "./de/health";
import { experiments } from "./de/experiments";
import { explore } from "./de/explore";
import { flags } from "./de/flags";
import { game } from "./de/game";
import { goals } from "./de/goals";
import { insights } from "./de/insights";
import { install } from "./de/install";
import { outcomes } from "./de/outcomes";
import { annotations, home } from "./de/home";
import { jobs } from "./de/jobs";
import { live } from "./de/live";
import { people } from "./de/personPages";
import { door, persons } from "./de/persons";
import { projects } from "./de/projects";
import { invitation, register } from "./de/register";
import { report } from "./de/report";
import { reports } from "./de/reports";
import { roles } from "./de/roles";
import { shell } from "./de/shell";
import { sql } from "./de/sql";
import { states } from "./de/states";
import { system } from "./de/system";
import { web } from "./de/web";

/** The German texts of all pages but the sign-in page; a text that is missing is a compile error. */
export const de: typeof en = {
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
