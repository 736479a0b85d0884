import type { ProjectSettings } from "../../api/requests/client";
import { rich } from "../rich";
import { plural, type OptionText } from "./words";

/** The settings of a project. */

export const settings = {
  title: "Settings",
  tab: (project: string) => `Settings of ${project}`,
  note: (project: string) => `${project} · changes take effect within 5 seconds`,
  sections: {
    general: "General",
    keys: "Keys",
    sources: "Sources",
    limits: "Limits",
    privacy: "Privacy",
    origins: "Web origins",
    retention: "Retention",
    communities: "Communities",
    channels: "Channels",
    members: "Members",
    auditLog: "Audit log",
    danger: "Danger zone",
  },

  project: "Project",
  collect: "Collect events",
  collectHint: "Off: incoming events are refused and not stored",
  sessions: "Sessions",
  sessionTimeout: "Session timeout",
  sessionTimeoutHint: "Sessions end after this many minutes without an event (1 to 1,440), unless your app sets session IDs",
  minutes: " minutes",
  about: "About",
  details: { id: "ID", slug: "Slug", created: "Created", timeZone: "Time zone", role: "Your role" },
  roleDetail: (role: string, description: string) => `${role}: ${description}`,

  keys: {
    title: "Keys",
    membersOnly: "The list of keys is visible to members only.",
    kinds: {
      public: {
        title: "Public keys",
        note: "Safe to publish. Can send events, cannot read data.",
        empty: "No public keys: pages and apps cannot send events.",
        new: "New public key",
        name: "Public key",
        namePlaceholder: "Mobile app",
      },
      secret: {
        title: "Secret keys",
        note: "For your servers: they can also read this project's data. We store only a hash, so a key is shown once.",
        empty: "No secret keys.",
        new: "New secret key",
        name: "Secret key",
        namePlaceholder: "Nightly export",
      },
    },
    publicKey: "Public key (for pages and apps)",
    secretKey: "Secret key (for your servers only)",
    key: "Key",
    replaced: "Replaced",
    masked: (prefix: string) => `${prefix}…`,
    labelled: (name: string, prefix: string) => `${name} (${prefix}…)`,
    created: (time: string) => `created ${time}`,
    worksUntil: (time: string) => `works until ${time}`,
    nameHint: "What it is used for, so that you can tell keys apart",
    shownOnce: "The key is shown once, after it is created.",
    notCreated: "Not created",
    create: "Create key",
    newTitle: (name: string) => `New secret key: ${name}`,
    newWarning: "Tidemark stores only a hash of this key. If the key is lost, replace it here.",

    revoke: "Revoke",
    revokeOf: (key: string) => `Revoke ${key}`,
    revokeTitle: (name: string) => `Revoke ${name}?`,
    revokeAction: "Revoke key",
    keep: "Keep",
    revokeEffect: {
      public: rich("{key} stops working within 5 seconds, for good. Pages and apps that use it can no longer send events; their events are lost."),
      secret: rich("{key} stops working within 5 seconds, for good. Servers that use it are refused."),
    },

    replace: "Replace",
    replaceOf: (key: string) => `Replace ${key}`,
    replaceTitle: (name: string) => `Replace ${name}?`,
    replaceAction: "Replace key",
    notReplaced: "Not replaced",
    replaceNote: rich("You get a new key in place of {key}. Deploy it before the old one stops working."),
    grace: "The old key keeps working for",
    graceHours: (hours: number) => (hours < 24 ? plural(hours, "hour", "hours") : plural(hours / 24, "day", "days")),
    noGrace: "Not at all: it stops immediately",
    noGraceEffect: {
      public: "Pages and apps that still use the old key are refused, and their events are lost, until they have the new one.",
      secret: "Servers that still use the old key are refused until they have the new one.",
    },
  },

  sources: {
    title: "Sources",
    note: "The source of an event is the app, game or site that sent it. Sources that aren't listed are accepted.",
    empty: "No source rules yet.",
    add: "Add source",
    editOf: (name: string) => `Edit ${name}`,
    editTitle: (name: string) => `Source ${name}`,
    nameHint: "As sent with events",
    namePlaceholder: "mobile-app",
    description: "Description",
    collect: "Collect its events",
    collectHint: "Off: its events are refused",
    collectOf: (name: string) => `Collect events of ${name}`,
    storedShare: (percent: number) => `${percent}% of user IDs`,
    share: "Share of user IDs stored",
    shareHint: "Of each ID all events are stored, or none. Reports count stored events only",
    removeOf: (name: string) => `Remove ${name}`,
    removeTitle: (name: string) => `Remove ${name} from the list?`,
    removeAction: "Remove source",
    keep: "Keep",
    removeEffect: "Its events are kept. From then on it is treated like any source that isn't listed.",
    allowedTitle: "Allowed sources only",
    allowedNote: "If this list is not empty, events from any other source are refused.",
    allowed: "Allowed sources",
    allAllowed: "All sources",
    entry: "source",
  },

  limits: {
    title: "Rate limits and quotas",
    noLimit: "No limit",
    fields: {
      rate_limit_per_minute: { label: "Events per minute", hint: "Above this, clients get 429 and SDKs retry" },
      client_rate_limit_per_minute: {
        label: "Events per minute from one IP address",
        hint: "For public keys only, so that one visitor cannot use up the project's limit. Empty: 12,000; 0: no limit",
      },
      daily_quota: { label: "Events per day (UTC)", hint: "Further events are refused until the next day" },
      monthly_quota: { label: "Events per month (UTC)", hint: "Further events are refused until the next month" },
      daily_quota_bytes: { label: "Bytes per day (UTC)", hint: "Size of the encoded events" },
      monthly_quota_bytes: { label: "Bytes per month (UTC)", hint: "Size of the encoded events" },
    },
    sampling: "Sampling",
    samplingNote:
      "Below 100%, only the events of some user IDs are stored: of each ID all events, or none. A user with several IDs may be stored in part. Reports count stored events only. This applies on top of the share of a source.",
    share: "Share of user IDs stored",
  },

  privacy: {
    title: "Privacy",
    note: "Applies to new events only; stored events are not changed.",
    fields: {
      ip_mode: {
        label: "IP addresses",
        hint: "What is stored of the address that an event came from",
        options: {
          none: { label: "Don't store", note: "The country is looked up, then the address is discarded" },
          hash: { label: "Hash that changes daily", note: "Tells the visitors of one day apart, but not across days" },
          full: { label: "Store in full", note: "Personal data in many countries" },
        } satisfies Record<ProjectSettings["ip_mode"], OptionText>,
      },
      do_not_track: {
        label: "Do Not Track and Global Privacy Control",
        hint: "When a browser sends Do Not Track or Global Privacy Control",
        options: {
          ignore: { label: "Ignore", note: "Events are stored like any others" },
          anonymise: { label: "Store without identity", note: "Events are counted; IDs and the IP address are left out" },
          refuse: { label: "Don't store", note: "Events are missing from every count" },
        } satisfies Record<ProjectSettings["do_not_track"], OptionText>,
      },
      consent: {
        label: "Consent",
        hint: "When an event does not say whether its user has consented",
        options: {
          implied: { label: "Treat as consented", note: "Only events with denied consent are affected" },
          anonymise: { label: "Store without identity", note: "Events are counted; IDs and the IP address are left out" },
          refuse: { label: "Don't store", note: "Events are missing from every count" },
        } satisfies Record<ProjectSettings["consent"], OptionText>,
      },
    },
    userAgent: "Store the user agent",
    userAgentHint: "Its text, as the property $user_agent; browser, system and kind of device are stored without it",
    bots: "Refuse known bots",
    botsHint: "Crawlers and similar, by their user agent",
  },

  origins: {
    title: "Allowed web origins",
    note: rich(
      "If this list is not empty, browsers can send events only from pages of these origins (CORS). Enter the exact origin, such as {https} or {http}: scheme, host, and the port if it is not the default. Apps and servers send no origin and are not affected.",
    ),
    label: "Allowed origins",
    all: "All origins",
    entry: "origin",
  },

  retention: {
    title: "Retention",
    note: "Raw events, sessions and dead letters of older days are deleted; the counts and daily summaries of those days are kept.",
    label: "Keep raw events for",
    hint: "Days, by event time. Empty = forever",
    forever: "Forever",
    days: " days",
    deletesTitle: "This deletes data",
    deletes: (days: number) =>
      `Raw events older than ${plural(days, "day", "days")} are deleted by the next maintenance run. This cannot be undone.`,
  },

  members: {
    title: "Members",
    empty: "No members.",
    roleOf: (name: string) => `Role of ${name}`,
    onlyOwner: "the only owner: make somebody else an owner before you leave or change this role",
    ownersOnly: "only owners can change this",
    inviteTo: (project: string) => `Invite to ${project}`,
    removeOf: (name: string) => `Remove ${name}`,
    removeTitle: (name: string) => `Remove ${name}?`,
    keep: "Keep",
    removeEffect: (email: string, project: string) =>
      `${email} loses access to ${project}. Keys they have seen keep working: replace the secret ones.`,
    leave: "Leave",
    leaveOf: (project: string) => `Leave ${project}`,
    leaveTitle: (project: string) => `Leave ${project}?`,
    stay: "Stay",
    leaveEffect: "You lose access to it. An owner or admin can invite you again.",
    rolesTitle: "What the roles mean",
  },

  danger: {
    title: "Delete this project",
    note: "The project disappears immediately and its keys stop working: events that apps send are refused. For 7 days an owner can restore it with all its data and keys, from the list of projects. After that everything is deleted: events, users, reports, settings and keys.",
    deleteOf: (name: string) => `Delete ${name}`,
    deleteTitle: (name: string) => `Delete ${name}?`,
    notDeleted: "Not deleted",
    confirm: (name: string) => `To confirm, type the project's name: ${name}`,
    keep: "Keep",
    deleteAction: "Delete project",
  },

};
