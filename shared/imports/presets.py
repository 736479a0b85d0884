"""The mappings of formats that other systems export events in, and of Tidemark's own.

Each follows the public description of the format, which its comment names.
"""

from __future__ import annotations

from shared.imports.mapping import FIELDS, Mapping

_OWN = [name for name in FIELDS if name != "anonymous_id"]

PRESETS: dict[str, Mapping] = {
    # This project: docs/querying.md, Exports. CSV and JSON lines.
    "tidemark": Mapping(
        fields={**{name: [name] for name in _OWN}, "anonymous_id": ["person_distinct_id"]},
        properties_from=["properties"],
        other_columns="ignore",
        is_own_export=True,
    ),
    # https://docs.mixpanel.com/reference/raw-event-export: JSON lines with event and properties;
    # time in seconds, or in milliseconds with time_in_ms.
    "mixpanel": Mapping(
        fields={
            "event_name": ["event"],
            "timestamp": ["properties.time"],
            "distinct_id": ["properties.distinct_id"],
            "event_id": ["properties.$insert_id"],
            "page_url": ["properties.$current_url", "properties.current_url"],
            "referrer": ["properties.$referrer"],
            "device_id": ["properties.$device_id"],
            "app_version": ["properties.$app_version_string", "properties.$app_version"],
            "os_name": ["properties.$os"],
            "os_version": ["properties.$os_version"],
            "browser": ["properties.$browser"],
            "device_type": ["properties.$device_type"],
            "country": ["properties.mp_country_code"],
            "region": ["properties.$region"],
            "city": ["properties.$city"],
            "source": ["properties.mp_lib"],
            **{
                name: [f"properties.{name}"]
                for name in ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
            },
        },
        properties_from=["properties"],
        ignored=["properties.mp_processing_time_ms", "properties.$mp_api_endpoint"],
        event_names={"$mp_web_page_view": "$pageview"},
    ),
    # https://amplitude.com/docs/apis/analytics/export: JSON lines; event_time is UTC.
    "amplitude": Mapping(
        fields={
            "event_name": ["event_type"],
            "timestamp": ["event_time"],
            "distinct_id": ["user_id", "device_id", "amplitude_id"],
            "anonymous_id": ["device_id"],
            "event_id": ["uuid", "$insert_id", "insert_id"],
            "session_id": ["session_id"],
            "source": ["platform"],
            "device_id": ["device_id"],
            "app_version": ["version_name"],
            "os_name": ["os_name"],
            "os_version": ["os_version"],
            "device_type": ["device_type"],
            "country": ["country"],
            "region": ["region"],
            "city": ["city"],
        },
        properties_from=["event_properties"],
        person_properties_from=["user_properties"],
        other_columns="ignore",
        sessions_of_persons=True,
    ),
    # https://posthog.com/docs/data-pipelines/batch-exports/s3, the model events: JSON lines, and
    # the CSV of its events list, with the properties as JSON.
    "posthog": Mapping(
        fields={
            "event_name": ["event"],
            "timestamp": ["timestamp"],
            "distinct_id": ["distinct_id"],
            "event_id": ["uuid"],
            "session_id": ["properties.$session_id"],
            "page_url": ["properties.$current_url"],
            "referrer": ["properties.$referrer"],
            "device_id": ["properties.$device_id"],
            "app_version": ["properties.$app_version"],
            "os_name": ["properties.$os"],
            "os_version": ["properties.$os_version"],
            "browser": ["properties.$browser"],
            "device_type": ["properties.$device_type"],
            "country": ["properties.$geoip_country_code"],
            "region": ["properties.$geoip_subdivision_1_name"],
            "city": ["properties.$geoip_city_name"],
            "source": ["properties.$lib"],
            "groups": ["properties.$groups"],
            **{
                name: [f"properties.{name}"]
                for name in ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
            },
        },
        properties_from=["properties"],
        other_columns="ignore",
        ignored=["properties.token", "properties.$ip", "properties.distinct_id"],
    ),
    # https://support.google.com/analytics/answer/7029846: JSON lines of the tables events_….
    "ga4": Mapping(
        fields={
            "event_name": ["event_name"],
            "timestamp": ["event_timestamp"],
            "distinct_id": ["user_id", "user_pseudo_id"],
            "anonymous_id": ["user_pseudo_id"],
            "session_id": ["event_params.ga_session_id"],
            "source": ["platform"],
            "page_url": ["event_params.page_location"],
            "referrer": ["event_params.page_referrer"],
            "app_version": ["app_info.version"],
            "os_name": ["device.operating_system"],
            "os_version": ["device.operating_system_version"],
            "browser": ["device.web_info.browser", "device.browser"],
            "device_type": ["device.category"],
            "country": ["geo.country"],
            "region": ["geo.region"],
            "city": ["geo.city"],
            "utm_source": ["collected_traffic_source.manual_source"],
            "utm_medium": ["collected_traffic_source.manual_medium"],
            "utm_campaign": ["collected_traffic_source.manual_campaign_name"],
            "utm_term": ["collected_traffic_source.manual_term"],
            "utm_content": ["collected_traffic_source.manual_content"],
        },
        properties_from=["event_params"],
        person_properties_from=["user_properties"],
        other_columns="ignore",
        sessions_of_persons=True,
        event_names={"page_view": "$pageview", "screen_view": "$screen"},
        time_unit="microseconds",
    ),
}
"""By name, which the API and the command take."""
