import type * as english from "../en/signIn";
import { rich } from "../rich";

/** The sign-in page. */

export const login: typeof english.login = {
  tagline: "Produktanalyse, die jedes Ereignis genau einmal zählt.",
  tab: "Anmelden",
  signIn: "Anmelden",
  password: "Passwort",
  failed: "Anmeldung fehlgeschlagen",
  secondStep: (email: string) => `Das Passwort von ${email} stimmt. Geben Sie jetzt Ihren Code ein.`,
  code: "Code",
  codeHint: "Aus Ihrer Authenticator-App, oder ein Wiederherstellungscode",
  otherAccount: "Anderes Konto verwenden",
  or: "oder",
  noAccount: "Noch kein Konto?",
  createOne: "Konto erstellen",
  firstStart: rich("Neue Installation? Der erste Start hat das Passwort des Inhabers ausgegeben und in {file} im Datenordner gespeichert."),
  sso: {
    signInWith: (provider: string) => `Mit ${provider} anmelden`,
    errors: {
      another_identity: "Ihre E-Mail-Adresse ist beim Anbieter mit einer anderen Anmeldung verknüpft. Fragen Sie einen Inhaber dieses Servers.",
      away: "Der Anbieter antwortet nicht. Versuchen Sie es erneut, oder melden Sie sich mit Ihrem Passwort an.",
      closed: "Dieses Konto ist deaktiviert. Fragen Sie einen Inhaber dieses Servers.",
      denied: "Der Anbieter hat Sie nicht angemeldet.",
      expired: "Das hat zu lange gedauert oder wurde in einem anderen Fenster begonnen. Beginnen Sie von vorn.",
      failed: "Die Antwort des Anbieters ist ungültig. Sagen Sie es einem Inhaber dieses Servers; Einzelheiten stehen im Protokoll des Dienstes auth.",
      login_first: "Mit Ihrer E-Mail-Adresse gibt es schon ein Konto. Melden Sie sich dort einmal mit Ihrem Passwort an, danach auf diesem Weg.",
      no_account: "Sie haben hier kein Konto und keine Einladung, eines zu erstellen.",
      unverified: "Der Anbieter hat Ihre E-Mail-Adresse nicht bestätigt. Bestätigen Sie sie dort zuerst.",
    },
    unknown: (code: string) => `Anmeldung fehlgeschlagen (${code}).`,
  },
  welcome: {
    tab: "Willkommen",
    note: "Dieser Server hat noch keine Konten. Das erste Konto wird sein Inhaber.",
    create: "Erstes Konto erstellen",
  },
};
