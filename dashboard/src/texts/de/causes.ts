import type { ErrorCode } from "../../api/requests/client";

/** Causes that say enough by themselves; the server's own words are English. */
const CAUSES: Partial<Record<ErrorCode, string>> = {
  query_timeout: "Die Abfrage hat zu lange gedauert. Wählen Sie einen kürzeren Zeitraum.",
  weak_password: "Dieses Passwort ist zu schwach. Wählen Sie ein längeres, das nirgends vorkommt.",
  unauthorized: "Sie sind nicht angemeldet. Melden Sie sich an.",
  invalid_credentials: "E-Mail-Adresse oder Passwort ist falsch.",
  login_expired: "Diese Anmeldung ist abgelaufen. Melden Sie sich erneut an.",
  account_closed: "Dieses Konto ist deaktiviert. Fragen Sie einen Inhaber dieses Servers.",
  second_factor_required: "Geben Sie den Code Ihrer Authenticator-App ein.",
  second_factor_wrong: "Dieser Code ist falsch oder schon verwendet.",
  current_password_wrong: "Das aktuelle Passwort ist falsch.",
  share_password_required: "Dieser Link ist durch ein Passwort geschützt.",
  share_password_wrong: "Dieses Passwort ist falsch.",
  forbidden: "Dazu haben Sie nicht das Recht.",
  role_too_low: "Dafür reicht Ihre Rolle in diesem Projekt nicht.",
  registration_closed: "Auf diesem Server kann man sich nicht selbst registrieren.",
  not_found: "Das gibt es nicht oder nicht mehr.",
  invitation_not_valid: "Diese Einladung ist ungültig oder abgelaufen. Bitten Sie um eine neue.",
  email_taken: "Mit dieser E-Mail-Adresse gibt es schon ein Konto.",
  last_owner: "Das Projekt oder der Server hätte dann keinen Inhaber mehr. Machen Sie zuerst jemand anderen dazu.",
  takeover_required: "Das Projekt zählt zu den Grenzen seines ersten Inhabers. Zuerst muss der nächste Inhaber es übernehmen: indem er den ersten entfernt oder ihm eine andere Rolle gibt.",
  payload_too_large: "Das ist zu groß für eine Anfrage.",
  rate_limited: "Das waren zu viele Anfragen in kurzer Zeit.",
  too_many_attempts: "Das waren zu viele Fehlversuche.",
  internal_error: "Der Server hat einen Fehler. Die Ursache steht in seinem Protokoll; versuchen Sie es gleich noch einmal.",
  account_backlog: "Zu viele Ereignisse aus den Projekten dieses Kontos warten noch darauf, gespeichert zu werden. Senden Sie diese später noch einmal.",
  unavailable: "Ein Dienst ist gerade nicht erreichbar. Versuchen Sie es gleich noch einmal.",
};

/** Why the server refused something. Where its code alone says too little, its own words follow. */
export function cause(code: ErrorCode | null, message: string): string {
  return (code === null ? undefined : CAUSES[code]) ?? `Der Server lehnt das ab: ${message}`;
}
