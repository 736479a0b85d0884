/** Texts that appear on many pages. */

import type { ErrorCode } from "../../api/requests/client";

export const common = {
  secretKey: "Secret key",
  formerMember: "Former member",
  addFavourite: (name: string) => `Add ${name} to favourites`,
  removeFavourite: (name: string) => `Remove ${name} from favourites`,
  cancel: "Cancel",
  clear: (label: string) => `Clear: ${label}`,
  close: "Close",
  copied: "Copied",
  copy: "Copy",
  copyFailed: "Selected: press Ctrl+C or ⌘C to copy",
  copyOf: (label: string) => `Copy: ${label}`,
  csv: "CSV",
  current: "You",
  delete: "Delete",
  edit: "Edit",
  email: "E-mail",
  loading: "Loading",
  loadingOf: (label: string) => `Loading: ${label}`,
  name: "Name",
  none: "–",
  off: "Off",
  on: "On",
  remove: "Remove",
  save: "Save",
  savePicture: "Save as image",
  savePictureOf: (name: string) => `Save as image: ${name}`,
  pictureFailed: "The image could not be saved",
  saved: "Saved",
  saving: "Saving",
  showAsChart: "Show as chart",
  showAsTable: "Show as table",
  tab: (title: string) => `${title} · Tidemark`,
  tryAgain: "Try again",
  tryingAgain: "Trying again …",
  undo: "Undo",
  unknownDevice: "Unknown device",
  deviceOn: (browser: string, system: string) => `${browser} on ${system}`,
  pressEnter: (entry: string) => `Press Enter after each ${entry}`,
};

export const errors = {
  actionFailed: (action: string) => `“${action}” failed`,
  /** Why the server refused something: its own words are English. */
  cause: (_code: ErrorCode | null, message: string) => message,
  entry: (number: number, message: string) => `Entry ${number}: ${message}`,
  fieldsMarked: "Check the marked fields.",
  goesOn: "This page asks again by itself.",
  listNotLoaded: "This list could not be loaded",
  notLoaded: "This could not be loaded",
  notSaved: "Not saved",
  outdatedList: "This list may be out of date",
  pageBroken: "This page has crashed",
  partMissing: "Part of the dashboard could not be loaded",
  partMissingHint: "Tidemark was updated or the connection was lost. Reload the page.",
  refused: "The server refused this request.",
  reload: "Reload",
  request: (id: string) => `Request ${id}`,
  retryAfter: (seconds: number) => `Wait ${seconds} s before you try again.`,
  serverFailed: (status: number) => `The server failed (${status}). Its log has the cause; try again in a moment.`,
  serverRefused: (status: number) => `The server refused this (${status}).`,
  slowServer: (seconds: number, subjects: readonly string[]) =>
    `The server has not answered for ${seconds} seconds. This page waits for ${subjects.join(", ")}. It shows the last answers and goes on by itself once the server answers.`,
  subjects: { accounts: "accounts and projects", figures: "figures and lists", server: "the state of the server" },
  unexpected: "The dashboard has failed. Reload the page; if it fails again, tell an owner of this server.",
  unreachable: "Can't reach Tidemark. Check that it is running and that you are online, then try again.",
  timedOut: "Tidemark did not answer in time. Try again; if that keeps happening, look at the server's health.",
  unreadable: "The response is not from Tidemark. Check the address and any proxy in between.",
};

export const notFound = {
  tab: "Page not found",
  title: "Page not found",
  note: "This page does not exist, or you are not a member of its project.",
  allProjects: "All projects",
};

/** Names of a breakdown's rows that have no value to show. */
export const values = { others: "All others", missing: "Not set", empty: "Empty text" };

export const time = {
  range: (from: string, to: string) => `${from} – ${to}`,
  weekOf: (day: string) => `Week of ${day}`,
  now: "now",
  ago: (duration: string) => `${duration} ago`,
  seconds: (count: number) => `${count} s`,
  minutes: (count: number) => `${count} min`,
  hours: (count: number) => `${count} h`,
  days: (count: number) => `${count} d`,
};
