import type { REFUSALS, WARNINGS } from "../../constants.gen";
import type { outcomes as english } from "../en/outcomes";

/** Why received events are refused or changed, and what to do about it. */

interface Reason {
  label: string;
  fix: string;
}

const refusals: Record<(typeof REFUSALS)[number], Reason> = {
  invalid_json: { label: "Kein gültiges JSON", fix: "Kodieren Sie Ereignisse mit einer JSON-Bibliothek. NaN und Infinity sind kein JSON; senden Sie stattdessen null." },
  not_an_object: { label: "Kein Objekt", fix: "Senden Sie jedes Ereignis als JSON-Objekt, nicht als Text, Zahl oder Liste." },
  missing_name: { label: "Kein Ereignisname", fix: "Setzen Sie event_name. Kommt er aus einer Variablen, prüfen Sie, dass sie nicht leer ist." },
  invalid_name: { label: "Ereignisname unbrauchbar", fix: "Verwenden Sie einen Text von 1 bis 100 Zeichen. Einzelheiten gehören in Eigenschaften, nicht in den Namen." },
  invalid_field: { label: "Ein Feld hat den falschen Typ", fix: "Das Beispiel nennt das Feld. Senden Sie es in dem Typ, den die API dokumentiert." },
  invalid_properties: { label: "Eigenschaften sind kein Objekt", fix: "Senden Sie properties als JSON-Objekt, zum Beispiel {\"level\": 3}." },
  properties_too_large: { label: "Eigenschaften zu groß", fix: "Senden Sie nur, wonach Sie fragen werden. Lassen Sie ganze Dokumente, HTML und Dateien weg." },
  invalid_timestamp: { label: "Zeit nicht lesbar", fix: "Senden Sie timestamp nach ISO 8601 mit Zeitverschiebung, oder als Sekunden oder Millisekunden seit 1970." },
  missing_identity: { label: "Keine Nutzer-ID", fix: "Setzen Sie distinct_id. Texte wie \"null\" oder \"undefined\" sind keine IDs." },
  too_old: { label: "Zu alt", fix: "Senden Sie Ereignisse innerhalb von 30 Tagen. Ältere könnten doppelt zählen und werden deshalb nicht angenommen." },
  older_than_retention: { label: "Älter als die Aufbewahrungsfrist", fix: "Senden Sie Ereignisse früher, oder bewahren Sie Daten länger auf: Einstellungen, Aufbewahrung." },
  source_not_allowed: { label: "Quelle nicht erlaubt", fix: "Fügen Sie die Quelle unter Einstellungen, Quellen hinzu oder schalten Sie sie wieder ein." },
  schema_mismatch: { label: "Passt nicht zum Schema", fix: "Das Beispiel nennt die Eigenschaft. Korrigieren Sie, was gesendet wird, oder das Schema des Ereignisses." },
  sampled_out: { label: "Durch Stichprobe ausgelassen", fix: "Alles in Ordnung: Das Projekt speichert einen Teil seiner Nutzer. Ändern Sie das unter Einstellungen, Limits." },
  bot: { label: "Bots", fix: "Alles in Ordnung: Bekannte Crawler werden getrennt von Menschen gezählt. Ob ihre Ereignisse behalten werden, steht unter Einstellungen, Datenschutz." },
  do_not_track: { label: "Do Not Track", fix: "Alles in Ordnung: Diese Besucher wollten nicht verfolgt werden. Ändern Sie das unter Einstellungen, Datenschutz." },
  no_consent: { label: "Keine Einwilligung", fix: "Senden Sie consent: true, sobald ein Besucher zugestimmt hat, oder ändern Sie die Regel unter Einstellungen, Datenschutz." },
  request_refused: { label: "Ganze Anfrage abgelehnt", fix: "Das Beispiel nennt die Ursache: eine Herkunft, die nicht senden darf, oder ein zu großer oder unlesbarer Inhalt." },
  dead_lettered: { label: "Nicht speicherbar", fix: "Die Ereignisse bleiben erhalten. Ein Betreiber findet die Ursache mit ./tidemark event_status und sendet sie mit ./tidemark replay erneut." },
  person_deleted: { label: "Von einem gelöschten Nutzer", fix: "Alles in Ordnung: Diese Ereignisse sind älter als die Löschung des Nutzers." },
};

const warnings: Record<(typeof WARNINGS)[number], Reason> = {
  text_cut: { label: "Text gekürzt", fix: "Senden Sie kürzere Texte. Das Beispiel nennt das Feld und seine Grenze." },
  unknown_field: { label: "Unbekanntes Feld", fix: "Eigene Werte gehören in properties; sonst korrigieren Sie den Namen des Feldes." },
  properties_unexpected: { label: "Weicht vom Schema ab", fix: "Das Beispiel nennt die Eigenschaft. Korrigieren Sie, was gesendet wird, oder das Schema des Ereignisses." },
  nul_replaced: { label: "NUL-Zeichen ersetzt", fix: "Entfernen Sie NUL-Zeichen aus Texten, bevor Sie sie senden." },
  id_refused: { label: "Ereignis-ID unbrauchbar", fix: "Senden Sie event_id als Text von höchstens 200 Zeichen. Ohne sie zählt ein wiederholtes Ereignis doppelt." },
  time_in_future: { label: "Zeit in der Zukunft", fix: "Stellen Sie die Uhr des Geräts, oder senden Sie sent_at, damit sie korrigiert werden kann." },
  clock_ignored: { label: "Uhr nicht korrigiert", fix: "Senden Sie sent_at von derselben Uhr wie timestamp." },
  identity_refused: { label: "Nutzer nicht verbunden", fix: "Identifizieren Sie mit der ID Ihrer eigenen Datenbank. Zwei bekannte Nutzer werden mit einem öffentlichen Schlüssel nie verbunden." },
  profile_too_large: { label: "Nutzereigenschaften ausgelassen", fix: "Senden Sie weniger oder kürzere Eigenschaften von Nutzern und Unternehmen." },
  profile_protected: { label: "Nutzereigenschaft geschützt", fix: "Ein geheimer Schlüssel hat diese Eigenschaft gesetzt. Ändern Sie sie auch mit einem geheimen Schlüssel." },
};

export const outcomes: typeof english = {
  refusals,
  warnings,
  unknown: (reason: string): Reason => ({ label: reason.replaceAll("_", " "), fix: "" }),
};
