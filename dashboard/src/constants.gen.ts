/** Constants of the services. `make openapi` writes them. */

/** Roles of a project's members, from the least to the most powerful. */
export const ROLES = ["viewer", "analyst", "member", "admin", "owner"] as const;

/** From the shortest to the longest. */
export const INTERVALS = ["minute15", "hour", "day", "week", "month"] as const;

/** Of trends and of stickiness. */
export const MAX_SERIES = 10 as const;

export const MIN_FUNNEL_STEPS = 2 as const;

export const MAX_FUNNEL_STEPS = 20 as const;

/** The metrics that are calculated from the numbers of a property. */
export const PROPERTY_METRICS = ["sum", "average", "median", "p90", "min", "max"] as const;

/** Whose property a condition tests. */
export const FILTER_SCOPES = ["event", "person", "session", "cohort", "segment"] as const;

/** How many values each operator of a condition takes. */
export const VALUE_COUNTS = {"is": {"min": 1, "max": 200}, "is_not": {"min": 1, "max": 200}, "contains": {"min": 1, "max": 200}, "not_contains": {"min": 1, "max": 200}, "regex": {"min": 1, "max": 1}, "gt": {"min": 1, "max": 1}, "gte": {"min": 1, "max": 1}, "lt": {"min": 1, "max": 1}, "lte": {"min": 1, "max": 1}, "between": {"min": 2, "max": 2}, "is_set": {"min": 0, "max": 0}, "is_not_set": {"min": 0, "max": 0}, "before": {"min": 1, "max": 1}, "after": {"min": 1, "max": 1}} as const;

/** What the audit log records. */
export const AUDIT_ACTIONS = ["account.changed", "account.deleted", "account.linked", "account.login_ended", "account.other_logins_ended", "account.password_changed", "account.password_reset", "account.recovery_codes_renewed", "account.registered", "account.second_factor_disabled", "account.second_factor_enabled", "days.sealing_requested", "dead_letters.discarded", "dead_letters.replayed", "flag.changed", "flag.created", "flag.deleted", "flag.proposal_refused", "flag.proposed", "jobs.removed", "jobs.retried", "key.created", "key.revoked", "key.rotated", "login.failed", "login.succeeded", "member.invitation_withdrawn", "member.invited", "member.joined", "member.removed", "member.role_changed", "project.created", "project.deleted", "project.restored", "settings.changed", "source.added", "source.changed", "source.deleted", "sql.run"] as const;

/** Why a sign-in with the provider failed. */
export const SIGN_IN_FAILURES = ["another_identity", "away", "closed", "denied", "expired", "failed", "login_first", "no_account", "unverified"] as const;

/** Why the settings of a project leave events out: nothing is wrong with these. */
export const POLICY_REASONS = ["bot", "do_not_track", "no_consent", "sampled_out"] as const;

/** Why received events are not stored. */
export const REFUSALS = ["invalid_json", "not_an_object", "missing_name", "invalid_name", "invalid_field", "invalid_properties", "properties_too_large", "invalid_timestamp", "missing_identity", "too_old", "older_than_retention", "source_not_allowed", "schema_mismatch", "sampled_out", "bot", "do_not_track", "no_consent", "request_refused", "dead_lettered", "person_deleted"] as const;

/** What the edge changes in events that it accepts. */
export const WARNINGS = ["text_cut", "unknown_field", "properties_unexpected", "nul_replaced", "id_refused", "time_in_future", "clock_ignored", "identity_refused", "profile_too_large", "profile_protected"] as const;

/** Names of views of pages and screens. */
export const PAGE_EVENTS = ["$pageview", "page_view", "pageview", "Page Viewed", "$mp_web_page_view", "$screen", "screen_view", "Screen Viewed"] as const;

/** What a session has of its first event. */
export const SESSION_COLUMNS = ["utm_source", "utm_medium", "utm_campaign", "country", "device_type", "browser", "os_name"] as const;

/** So many of the most frequent are listed; a search finds others. */
export const MAX_EVENT_NAMES = 1000 as const;

/** Of a text in a condition. */
export const MAX_VALUE_LENGTH = 32768 as const;
