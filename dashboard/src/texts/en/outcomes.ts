import type { REFUSALS, WARNINGS } from "../../constants.gen";

/** Why received events are refused or changed, and what to do about it. */

interface Reason {
  label: string;
  fix: string;
}

const refusals: Record<(typeof REFUSALS)[number], Reason> = {
  invalid_json: { label: "Not valid JSON", fix: "Encode events with a JSON library. NaN and Infinity are not JSON; send null instead." },
  not_an_object: { label: "Not an object", fix: "Send each event as a JSON object, not as text, a number or a list." },
  missing_name: { label: "No event name", fix: "Set event_name. If it comes from a variable, check that it is not empty." },
  invalid_name: { label: "Event name not usable", fix: "Use a text of 1 to 100 characters. Put details into properties, not into the name." },
  invalid_field: { label: "A field has the wrong type", fix: "The sample names the field. Send it as the type that the API documents." },
  invalid_properties: { label: "Properties are not an object", fix: "Send properties as a JSON object, such as {\"level\": 3}." },
  properties_too_large: { label: "Properties too large", fix: "Send only what you will ask about. Leave out whole documents, HTML and files." },
  invalid_timestamp: { label: "Time not readable", fix: "Send timestamp as ISO 8601 with an offset, or as seconds or milliseconds since 1970." },
  missing_identity: { label: "No user id", fix: "Set distinct_id. Texts such as \"null\" or \"undefined\" are no ids." },
  too_old: { label: "Too old", fix: "Send events within 30 days. Older ones could be counted twice, so they are not taken." },
  older_than_retention: { label: "Older than the project keeps", fix: "Send events earlier, or keep data longer in Settings, Retention." },
  source_not_allowed: { label: "Source not allowed", fix: "Add the source in Settings, Sources, or turn it on again." },
  schema_mismatch: { label: "Doesn't fit the schema", fix: "The sample names the property. Correct what the client sends, or the schema of the event." },
  sampled_out: { label: "Left out by sampling", fix: "Nothing is wrong: the project keeps a share of its users. Change it in Settings, Limits." },
  bot: { label: "Bots", fix: "Nothing is wrong: known crawlers are counted apart from people. Settings, Privacy says whether their events are kept." },
  do_not_track: { label: "Do Not Track", fix: "Nothing is wrong: these visitors asked not to be tracked. Change it in Settings, Privacy." },
  no_consent: { label: "No consent", fix: "Send consent: true once a visitor has agreed, or change the rule in Settings, Privacy." },
  request_refused: { label: "Whole request refused", fix: "The sample has the cause: an origin that may not send, a body that is too large, or one that is not readable." },
  dead_lettered: { label: "Couldn't be stored", fix: "The events are kept. An operator finds the cause with ./tidemark event_status and sends them again with ./tidemark replay." },
  person_deleted: { label: "Of a deleted user", fix: "Nothing is wrong: these events are older than the user's deletion." },
};

const warnings: Record<(typeof WARNINGS)[number], Reason> = {
  text_cut: { label: "Text cut", fix: "Send shorter texts. The sample names the field and its limit." },
  unknown_field: { label: "Unknown field", fix: "Put values of your own into properties, or correct the field's name." },
  properties_unexpected: { label: "Differs from the schema", fix: "The sample names the property. Correct what the client sends, or the schema of the event." },
  nul_replaced: { label: "NUL character replaced", fix: "Remove NUL characters from texts before you send them." },
  id_refused: { label: "Event id not usable", fix: "Send event_id as a text of up to 200 characters. Without one, a repeated event counts twice." },
  time_in_future: { label: "Time in the future", fix: "Set the device's clock, or send sent_at so that the clock can be corrected." },
  clock_ignored: { label: "Clock not corrected", fix: "Send sent_at from the same clock as timestamp." },
  identity_refused: { label: "Users not joined", fix: "Identify with the id of your own database. Two known users are never joined with a public key." },
  profile_too_large: { label: "User properties left out", fix: "Send fewer or shorter properties of users and companies." },
  profile_protected: { label: "User property protected", fix: "A secret key has set this property. Change it with a secret key too." },
};

export const outcomes = {
  refusals,
  warnings,
  unknown: (reason: string): Reason => ({ label: reason.replaceAll("_", " "), fix: "" }),
};
