import { account } from "./en/account";
import { admin, auditLog } from "./en/admin";
import { common, errors, notFound, showOnce, answers, values, charts, time } from "./en/common";
import { kpi, metrics, proof } from "./en/figures";
import { dashboards } from "./en/dashboards";
import { data } from "./en/data";
import { events } from "./en/events";
import { health } from "./en/health";
import { explore } from "./en/explore";
import { game } from "./en/game";
import { goals } from "./en/goals";
import { insights } from "./en/insights";
import { install } from "./en/install";
import { outcomes } from "./en/outcomes";
import { annotations, home } from "./en/home";
import { live } from "./en/live";
import { people } from "./en/personPages";
import { door, persons } from "./en/persons";
import { projects } from "./en/projects";
import { report } from "./en/report";
import { roles } from "./en/roles";
import { settings } from "./en/settings";
import { shell } from "./en/shell";
import { states } from "./en/states";
import { login, register, invitation } from "./en/signIn";
import { deadLetters } from "./en/deadLetters";
import { system } from "./en/system";
import { web } from "./en/web";

/** Every English text of the dashboard, by where it is shown. A number within a text has a function. */
export const en = {
  product: "Tidemark",
  kpi,
  metrics,
  proof,
  common,
  errors,
  notFound,
  shell,
  showOnce,
  roles,
  login,
  register,
  invitation,
  projects,
  system,
  deadLetters,
  report,
  door,
  persons,
  people,
  answers,
  annotations,
  home,
  live,
  explore,
  insights,
  states,
  dashboards,
  data,
  events,
  health,
  install,
  outcomes,
  values,
  charts,
  time,
  account,
  admin,
  auditLog,
  settings,
  web,
  game,
  goals,
};
