import type * as english from "../en/register";
import { rich } from "../rich";

/** The pages on which an account is created or an invitation is accepted, and how people are invited. */

export const register: typeof english.register = {
  tab: "Konto erstellen",
  create: "Konto erstellen",
  failed: "Konto nicht erstellt",
  firstOwner: "Das erste Konto wird Inhaber dieses Servers.",
  nameHint: "Sichtbar für andere Mitglieder. Bleibt das Feld leer, gilt der erste Teil Ihrer E-Mail-Adresse.",
  passwordHint: "Mindestens 10 Zeichen. Ein paar Wörter sind besser als Sonderzeichen.",
  signInInstead: "Mit einem bestehenden Konto anmelden",
  unavailable: {
    invitation: "Die Registrierung erfordert eine Einladung. Bitten Sie einen Admin um einen Link.",
    closed: "Dieser Server nimmt keine neuen Konten an.",
  },
};

export const invitation: typeof english.invitation = {
  tab: "Einladung",
  incomplete: "Dieser Einladungslink ist unvollständig. Kopieren Sie den ganzen Link und versuchen Sie es erneut.",
  invalid: "Dieser Einladungslink ist ungültig",
  notJoined: "Sie sind nicht beigetreten",
  accept: "Annehmen",
  join: (project: string) => `${project} beitreten`,
  toAccount: "Sie sind eingeladen, ein Konto zu erstellen.",
  toProject: rich("Sie sind zu {project} als {role} eingeladen. {description}."),
  asRole: { viewer: "Leser", analyst: "Analyst", member: "Mitglied", admin: "Admin", owner: "Inhaber" },
  signInToJoin: "Melden Sie sich an, um beizutreten.",
  otherAccount: (invited: string, own: string) => `Diese Einladung gilt für ${invited}, aber Sie sind als ${own} angemeldet.`,
  signOutFailed: "Die Abmeldung ist fehlgeschlagen",
  signOutFirst: "Abmelden und fortfahren",
  staySignedIn: "Angemeldet bleiben",

  invite: "Einladen",
  notInvited: "Nicht eingeladen",
  emailHint: "Nur diese Adresse kann die Einladung annehmen",
  role: "Rolle",
  note: "Sie erhalten einen Link zum Weitergeben. Er wird einmal angezeigt und gilt 7 Tage.",
  createLink: "Link erstellen",
  linkTitle: (email: string) => `Einladung für ${email}`,
  linkWarning: (email: string) =>
    `Senden Sie diesen Link an ${email}: Tidemark verschickt Einladungen nicht selbst. Er gilt 7 Tage und nur für diese Adresse. Geht er verloren, laden Sie die Adresse noch einmal ein.`,
  linkTo: (target: string) => `Link zu: ${target}`,
  open: "Offene Einladungen",
  noneOpen: "Keine offenen Einladungen.",
  validUntil: (time: string) => `Gültig bis ${time}`,
  withdraw: "Zurückziehen",
  withdrawOf: (email: string) => `Einladung für ${email} zurückziehen`,
  withdrawTitle: "Diese Einladung zurückziehen?",
  withdrawAction: "Einladung zurückziehen",
  keep: "Behalten",
  withdrawEffect: (email: string) => `Der Link von ${email} wird ungültig.`,
};
