/** Properties that every event may have, besides those of its app. */
export const STANDARD_PROPERTIES: readonly string[] = [
  "event_name", "source", "country", "region", "city", "browser", "device_type", "os_name", "os_version", "app_version",
  "page_url", "page_path", "referrer", "referrer_domain", "utm_source", "utm_medium", "utm_campaign", "distinct_id", "session_id",
];
