import type { settings as english } from "../en/settings";
import { rich } from "../rich";
import { plural } from "./words";

/** The settings of a project. */

export const settings: typeof english = {
  title: "Einstellungen",
  tab: (project: string) => `Einstellungen von ${project}`,
  note: (project: string) => `${project} · Änderungen wirken innerhalb von 5 Sekunden`,
  sections: {
    general: "Allgemein",
    keys: "Schlüssel",
    sources: "Quellen",
    limits: "Limits",
    privacy: "Datenschutz",
    origins: "Herkunft",
    retention: "Aufbewahrung",
    communities: "Gemeinschaften",
    channels: "Kanäle",
    members: "Mitglieder",
    auditLog: "Protokoll",
    danger: "Gefahrenbereich",
  },

  project: "Projekt",
  collect: "Ereignisse sammeln",
  collectHint: "Aus: Ankommende Ereignisse werden abgelehnt und nicht gespeichert",
  sessions: "Sitzungen",
  sessionTimeout: "Ende einer Sitzung",
  sessionTimeoutHint: "Sitzungen enden nach so vielen Minuten ohne Ereignis (1 bis 1.440), sofern Ihre App keine Sitzungs-IDs sendet",
  minutes: " Minuten",
  about: "Über dieses Projekt",
  details: { id: "ID", slug: "Kurzname", created: "Erstellt", timeZone: "Zeitzone", role: "Ihre Rolle" },
  roleDetail: (role: string, description: string) => `${role}: ${description}`,

  keys: {
    title: "Schlüssel",
    membersOnly: "Die Liste der Schlüssel ist nur für Mitglieder sichtbar.",
    kinds: {
      public: {
        title: "Öffentliche Schlüssel",
        note: "Dürfen veröffentlicht werden. Können Ereignisse senden, aber keine Daten lesen.",
        empty: "Keine öffentlichen Schlüssel: Seiten und Apps können keine Ereignisse senden.",
        new: "Neuer öffentlicher Schlüssel",
        name: "Öffentlicher Schlüssel",
        namePlaceholder: "Mobile App",
      },
      secret: {
        title: "Geheime Schlüssel",
        note: "Für Ihre Server: Sie können auch die Daten dieses Projekts lesen. Gespeichert wird nur ein Hash, daher wird ein Schlüssel einmal angezeigt.",
        empty: "Keine geheimen Schlüssel.",
        new: "Neuer geheimer Schlüssel",
        name: "Geheimer Schlüssel",
        namePlaceholder: "Nächtlicher Export",
      },
    },
    publicKey: "Öffentlicher Schlüssel (für Seiten und Apps)",
    secretKey: "Geheimer Schlüssel (nur für Ihre Server)",
    key: "Schlüssel",
    replaced: "Ersetzt",
    masked: (prefix: string) => `${prefix}…`,
    labelled: (name: string, prefix: string) => `${name} (${prefix}…)`,
    created: (time: string) => `erstellt ${time}`,
    worksUntil: (time: string) => `gültig bis ${time}`,
    nameHint: "Wofür er verwendet wird, damit Sie Schlüssel unterscheiden können",
    shownOnce: "Der Schlüssel wird einmal angezeigt, nachdem er erstellt wurde.",
    notCreated: "Nicht erstellt",
    create: "Schlüssel erstellen",
    newTitle: (name: string) => `Neuer geheimer Schlüssel: ${name}`,
    newWarning: "Tidemark speichert von diesem Schlüssel nur einen Hash. Geht er verloren, ersetzen Sie ihn hier.",

    revoke: "Widerrufen",
    revokeOf: (key: string) => `${key} widerrufen`,
    revokeTitle: (name: string) => `${name} widerrufen?`,
    revokeAction: "Schlüssel widerrufen",
    keep: "Behalten",
    revokeEffect: {
      public: rich("{key} wird innerhalb von 5 Sekunden endgültig ungültig. Seiten und Apps, die ihn verwenden, können keine Ereignisse mehr senden; ihre Ereignisse gehen verloren."),
      secret: rich("{key} wird innerhalb von 5 Sekunden endgültig ungültig. Server, die ihn verwenden, werden abgelehnt."),
    },

    replace: "Ersetzen",
    replaceOf: (key: string) => `${key} ersetzen`,
    replaceTitle: (name: string) => `${name} ersetzen?`,
    replaceAction: "Schlüssel ersetzen",
    notReplaced: "Nicht ersetzt",
    replaceNote: rich("Sie erhalten einen neuen Schlüssel anstelle von {key}. Setzen Sie ihn ein, bevor der alte ungültig wird."),
    grace: "Der alte Schlüssel bleibt gültig für",
    graceHours: (hours: number) => (hours < 24 ? plural(hours, "Stunde", "Stunden") : plural(hours / 24, "Tag", "Tage")),
    noGrace: "Gar nicht: Er wird sofort ungültig",
    noGraceEffect: {
      public: "Seiten und Apps mit dem alten Schlüssel werden abgelehnt, und ihre Ereignisse gehen verloren, bis sie den neuen haben.",
      secret: "Server mit dem alten Schlüssel werden abgelehnt, bis sie den neuen haben.",
    },
  },

  sources: {
    title: "Quellen",
    note: "Die Quelle eines Ereignisses ist die App, das Spiel oder die Website, die es gesendet hat. Nicht aufgeführte Quellen werden angenommen.",
    empty: "Noch keine Regeln für Quellen.",
    add: "Quelle hinzufügen",
    editOf: (name: string) => `${name} bearbeiten`,
    editTitle: (name: string) => `Quelle ${name}`,
    nameHint: "Wie mit den Ereignissen gesendet",
    namePlaceholder: "mobile-app",
    description: "Beschreibung",
    collect: "Ihre Ereignisse sammeln",
    collectHint: "Aus: Ihre Ereignisse werden abgelehnt",
    collectOf: (name: string) => `Ereignisse von ${name} sammeln`,
    storedShare: (percent: number) => `${percent} % der Nutzer-IDs`,
    share: "Anteil gespeicherter Nutzer-IDs",
    shareHint: "Von jeder ID werden alle Ereignisse gespeichert oder keine. Berichte zählen nur gespeicherte Ereignisse",
    removeOf: (name: string) => `${name} entfernen`,
    removeTitle: (name: string) => `${name} aus der Liste entfernen?`,
    removeAction: "Quelle entfernen",
    keep: "Behalten",
    removeEffect: "Ihre Ereignisse bleiben erhalten. Danach gilt sie wie jede nicht aufgeführte Quelle.",
    allowedTitle: "Nur erlaubte Quellen",
    allowedNote: "Ist diese Liste nicht leer, werden Ereignisse aller anderen Quellen abgelehnt.",
    allowed: "Erlaubte Quellen",
    allAllowed: "Alle Quellen",
    entry: "Quelle",
  },

  limits: {
    title: "Ratenlimits und Kontingente",
    noLimit: "Kein Limit",
    fields: {
      rate_limit_per_minute: { label: "Ereignisse pro Minute", hint: "Darüber erhalten Clients 429, und SDKs versuchen es erneut" },
      client_rate_limit_per_minute: {
        label: "Ereignisse pro Minute von einer IP-Adresse",
        hint: "Nur für öffentliche Schlüssel, damit ein Besucher nicht das Limit des Projekts aufbraucht. Leer: 12.000; 0: kein Limit",
      },
      daily_quota: { label: "Ereignisse pro Tag (UTC)", hint: "Weitere Ereignisse werden bis zum nächsten Tag abgelehnt" },
      monthly_quota: { label: "Ereignisse pro Monat (UTC)", hint: "Weitere Ereignisse werden bis zum nächsten Monat abgelehnt" },
      daily_quota_bytes: { label: "Bytes pro Tag (UTC)", hint: "Größe der kodierten Ereignisse" },
      monthly_quota_bytes: { label: "Bytes pro Monat (UTC)", hint: "Größe der kodierten Ereignisse" },
    },
    sampling: "Stichprobe",
    samplingNote:
      "Unter 100 % werden nur die Ereignisse einiger Nutzer-IDs gespeichert: von jeder ID alle oder keine. Ein Nutzer mit mehreren IDs wird möglicherweise nur teilweise gespeichert. Berichte zählen nur gespeicherte Ereignisse. Das gilt zusätzlich zum Anteil einer Quelle.",
    share: "Anteil gespeicherter Nutzer-IDs",
  },

  privacy: {
    title: "Datenschutz",
    note: "Gilt nur für neue Ereignisse; gespeicherte Ereignisse werden nicht geändert.",
    fields: {
      ip_mode: {
        label: "IP-Adressen",
        hint: "Was von der Adresse gespeichert wird, von der ein Ereignis kam",
        options: {
          none: { label: "Nicht speichern", note: "Das Land wird ermittelt, dann wird die Adresse verworfen" },
          hash: { label: "Täglich wechselnder Hash", note: "Unterscheidet die Besucher eines Tages, aber nicht über Tage hinweg" },
          full: { label: "Vollständig speichern", note: "In vielen Ländern personenbezogene Daten" },
        },
      },
      do_not_track: {
        label: "Do Not Track und Global Privacy Control",
        hint: "Wenn ein Browser Do Not Track oder Global Privacy Control sendet",
        options: {
          ignore: { label: "Ignorieren", note: "Ereignisse werden wie alle anderen gespeichert" },
          anonymise: { label: "Ohne Identität speichern", note: "Ereignisse werden gezählt; IDs und IP-Adresse werden weggelassen" },
          refuse: { label: "Nicht speichern", note: "Ereignisse fehlen in jeder Zahl" },
        },
      },
      consent: {
        label: "Einwilligung",
        hint: "Wenn ein Ereignis nicht angibt, ob sein Nutzer eingewilligt hat",
        options: {
          implied: { label: "Als eingewilligt behandeln", note: "Betroffen sind nur Ereignisse mit verweigerter Einwilligung" },
          anonymise: { label: "Ohne Identität speichern", note: "Ereignisse werden gezählt; IDs und IP-Adresse werden weggelassen" },
          refuse: { label: "Nicht speichern", note: "Ereignisse fehlen in jeder Zahl" },
        },
      },
    },
    userAgent: "User-Agent speichern",
    userAgentHint: "Seinen Text, als Eigenschaft $user_agent; Browser, System und Geräteart werden auch ohne ihn gespeichert",
    bots: "Bekannte Bots ablehnen",
    botsHint: "Crawler und Ähnliches, nach ihrem User-Agent",
  },

  origins: {
    title: "Erlaubte Herkunft im Web",
    note: rich(
      "Ist diese Liste nicht leer, können Browser Ereignisse nur von Seiten dieser Herkunft senden (CORS). Geben Sie die genaue Herkunft ein, zum Beispiel {https} oder {http}: Schema, Host und den Port, wenn er nicht der übliche ist. Apps und Server senden keine Herkunft und sind nicht betroffen.",
    ),
    label: "Erlaubte Herkunft",
    all: "Jede Herkunft",
    entry: "Herkunft",
  },

  retention: {
    title: "Aufbewahrung",
    note: "Rohe Ereignisse, Sitzungen und nicht speicherbare Ereignisse älterer Tage werden gelöscht; Anzahlen und Tageszusammenfassungen dieser Tage bleiben.",
    label: "Rohe Ereignisse aufbewahren für",
    hint: "Tage, nach Ereigniszeit. Leer = für immer",
    forever: "Für immer",
    days: " Tage",
    deletesTitle: "Das löscht Daten",
    deletes: (days: number) =>
      `Rohe Ereignisse, die älter als ${plural(days, "Tag", "Tage")} sind, löscht die nächste Wartung. Das lässt sich nicht rückgängig machen.`,
  },

  members: {
    title: "Mitglieder",
    empty: "Keine Mitglieder.",
    roleOf: (name: string) => `Rolle von ${name}`,
    onlyOwner: "der einzige Inhaber: Machen Sie jemand anderen zum Inhaber, bevor Sie gehen oder diese Rolle ändern",
    ownersOnly: "nur Inhaber können das ändern",
    inviteTo: (project: string) => `Zu ${project} einladen`,
    removeOf: (name: string) => `${name} entfernen`,
    removeTitle: (name: string) => `${name} entfernen?`,
    keep: "Behalten",
    removeEffect: (email: string, project: string) =>
      `${email} verliert den Zugriff auf ${project}. Schlüssel, die diese Person gesehen hat, bleiben gültig: Ersetzen Sie die geheimen.`,
    leave: "Verlassen",
    leaveOf: (project: string) => `${project} verlassen`,
    leaveTitle: (project: string) => `${project} verlassen?`,
    stay: "Bleiben",
    leaveEffect: "Sie verlieren den Zugriff darauf. Ein Inhaber oder Admin kann Sie wieder einladen.",
    rolesTitle: "Was die Rollen bedeuten",
  },

  danger: {
    title: "Dieses Projekt löschen",
    note: "Das Projekt verschwindet sofort, und seine Schlüssel werden ungültig: Ereignisse, die Apps senden, werden abgelehnt. 7 Tage lang kann ein Inhaber es mit allen Daten und Schlüsseln wiederherstellen, aus der Liste der Projekte. Danach wird alles gelöscht: Ereignisse, Nutzer, Berichte, Einstellungen und Schlüssel.",
    deleteOf: (name: string) => `${name} löschen`,
    deleteTitle: (name: string) => `${name} löschen?`,
    notDeleted: "Nicht gelöscht",
    confirm: (name: string) => `Geben Sie zur Bestätigung den Namen des Projekts ein: ${name}`,
    keep: "Behalten",
    deleteAction: "Projekt löschen",
  },

};
