## Records events and sends them to Tidemark in the background.
##
## Add it to a project's autoloads as "Tidemark", set the two constants, and call
## Tidemark.track("level_completed", {"level": 3}). For Godot 4.
## Events are kept in files of at most 50 until the server has taken them, so a game that is
## offline, closed or killed loses none that was recorded. Each keeps its id and time.
extends Node

const HOST := "https://stats.example.com"
const PUBLIC_KEY := "pk_your_public_key"

const FOLDER := "user://tidemark"
const SUFFIX := ".jsonl"
const BATCH_SIZE := 10
const FLUSH_SECONDS := 5.0
const MAX_EVENTS := 50
const MAX_FILES := 200
const SESSION_TIMEOUT_SECONDS := 3600.0
const RETRIED: Array[int] = [401, 408, 425, 429]

## Events deleted because too many waited, since the game began.
var lost := 0

var _request := HTTPRequest.new()
var _crypto := Crypto.new()
var _current := ""
var _in_current := 0
# What was read or written, also where the disk refused it.
var _values := {}
var _is_sending := false
var _failures := 0
var _next_attempt := 0.0
var _due := INF
var _session := ""
var _last_event := 0.0


func _ready() -> void:
	DirAccess.make_dir_recursive_absolute(FOLDER)
	process_mode = Node.PROCESS_MODE_ALWAYS
	_request.timeout = 15.0
	add_child(_request)
	# What an earlier run of the game has left.
	flush()


func _process(_delta: float) -> void:
	if not _is_sending and _now() >= maxf(_due, _next_attempt):
		_send_all()


func _notification(what: int) -> void:
	if what == NOTIFICATION_APPLICATION_PAUSED:
		flush()


## Record an event. The name has 1 to 100 characters; properties are what JSON can hold.
func track(event_name: String, properties: Dictionary = {}) -> void:
	var time := Time.get_unix_time_from_system()
	if _session == "" or time - _last_event > SESSION_TIMEOUT_SECONDS:
		_session = _new_id(time)
	_last_event = time
	var event := {
		"event_id": _new_id(time),
		"event_name": event_name,
		"timestamp": _iso_time(time),
		"distinct_id": _user_or_visitor(),
		"session_id": _session,
		"source": "godot",
		"app_version": str(ProjectSettings.get_setting("application/config/version", "")),
		"os_name": OS.get_name(),
		"os_version": OS.get_version(),
		"properties": properties,
	}
	var waiting := _append(JSON.stringify(_finite(event)))
	_due = minf(_due, _now() + (0.0 if waiting >= BATCH_SIZE else FLUSH_SECONDS))


## Identify the player. What they did before, anonymously, becomes theirs.
func identify(user_id: String, traits: Dictionary = {}) -> void:
	var before := _read("user")
	# Another player on the same device: the two must not become one person.
	if before != "" and before != user_id:
		reset()
	var properties := {"$set": traits}
	if before == "":
		properties["$anon_distinct_id"] = _user_or_visitor()
	_write("user", user_id)
	track("$identify", properties)


## Start a new anonymous visitor: call it when the player signs out.
func reset() -> void:
	_write("user", "")
	_write("anonymous", "")
	_session = ""


## Send now what waits.
func flush() -> void:
	_due = 0.0


# Send one file after the other, the oldest first, until all are sent or the server needs a rest.
func _send_all() -> void:
	_is_sending = true
	_due = INF
	var files := _files()
	while not files.is_empty():
		if not await _is_done(files[0]):
			_due = 0.0
			break
		files = _files()
	_is_sending = false


# Send a file. Return whether to go on with the next one, which may be a half of it.
func _is_done(file: String) -> bool:
	if file == _current:
		_close()
	var lines: Variant = _events(file)
	if lines == null:
		return _postpone(0.0)
	var events: PackedStringArray = lines
	if events.is_empty():
		return _remove(file) or _postpone(0.0)
	var sent_at := _iso_time(Time.get_unix_time_from_system())
	var head := '{"api_key":%s,"sent_at":"%s"' % [JSON.stringify(PUBLIC_KEY), sent_at]
	if lost > 0:
		head += ',"client_lost":%d' % lost
	var body := '%s,"events":[%s]}' % [head, ",".join(events)]
	var headers := PackedStringArray(["Content-Type: application/json"])
	if _request.request(HOST + "/api/v1/events/ingest", headers, HTTPClient.METHOD_POST, body) != OK:
		return _postpone(0.0)
	var answer: Array = await _request.request_completed
	var status: int = answer[1] if answer[0] == HTTPRequest.RESULT_SUCCESS else 0
	var text: String = (answer[3] as PackedByteArray).get_string_from_utf8()
	if status >= 200 and status < 300:
		_failures = 0
		if text.contains('"status":"dropped"') or text.contains('"status": "dropped"'):
			push_warning("Tidemark refused events: " + text)
	elif status == 413 and events.size() > 1:
		return _halve(file, events)
	# A key that is refused (401) says nothing about the events: they wait until it is mended.
	elif status == 0 or status >= 500 or status in RETRIED:
		return _postpone(_retry_after(answer[2]))
	else:
		push_warning("Tidemark refused %d event(s): HTTP %d %s" % [events.size(), status, text])
	# One that stays would be sent again at once.
	return _remove(file) or _postpone(0.0)


# Wait 1, 2, 4 … 60 seconds, give or take 30 percent, and at least as long as the server asks.
func _postpone(retry_after: float) -> bool:
	_failures += 1
	var backoff := minf(pow(2.0, mini(_failures - 1, 6)), 60.0) * randf_range(0.7, 1.3)
	_next_attempt = _now() + maxf(backoff, retry_after)
	return false


func _retry_after(headers: PackedStringArray) -> float:
	for header in headers:
		if header.to_lower().begins_with("retry-after:"):
			return clampf(header.get_slice(":", 1).strip_edges().to_float(), 0.0, 3600.0)
	return 0.0


# Add an event to the newest file. Return how many that file has.
func _append(line: String) -> int:
	if _current == "":
		_current = _next()
	var path := FOLDER.path_join(_current)
	var mode := FileAccess.READ_WRITE if FileAccess.file_exists(path) else FileAccess.WRITE
	var file := FileAccess.open(path, mode)
	if file == null:
		push_warning("Tidemark lost an event: " + error_string(FileAccess.get_open_error()))
		return 0
	var bytes := (line + "\n").to_utf8_buffer()
	var size := file.get_length() + bytes.size()
	file.seek_end()
	# One write with the end of its line: of a killed process at most the last line is torn.
	file.store_buffer(bytes)
	if not _is_written(file, size):
		push_warning("Tidemark lost an event: it could not be written to " + path)
		# A file without events must not stay, or many would push out the ones that have some.
		if _in_current == 0:
			_remove(_current)
		# Half a line may be there: no event follows it in this file.
		_close()
		return 0
	_in_current += 1
	var count := _in_current
	if count >= MAX_EVENTS:
		_close()
	return count


# Close a file. Return whether all its bytes are there: the error of a write may appear only
# when the file is closed, where Godot does not tell it.
func _is_written(file: FileAccess, size: int) -> bool:
	var path := file.get_path()
	var error := file.get_error()
	file.close()
	var again := FileAccess.open(path, FileAccess.READ)
	return error == OK and again != null and again.get_length() == size


# Return the whole lines of a file as PackedStringArray; null when it cannot be read, which does
# not mean that it is empty. A torn last line is left out.
func _events(file: String) -> Variant:
	var opened := FileAccess.open(FOLDER.path_join(file), FileAccess.READ)
	if opened == null:
		return null
	var bytes := opened.get_buffer(opened.get_length())
	if bytes.size() < opened.get_length():
		return null
	# Cut before it becomes text: half a character is no UTF-8.
	return bytes.slice(0, bytes.rfind(10) + 1).get_string_from_utf8().split("\n", false)


# Replace numbers that JSON cannot hold, infinite or not a number, by null.
func _finite(value: Variant) -> Variant:
	if value is float:
		return value if is_finite(value) else null
	if value is Dictionary:
		var fields := {}
		for field in value:
			fields[field] = _finite(value[field])
		return fields
	if value is Array or value is PackedFloat32Array or value is PackedFloat64Array:
		return Array(value).map(_finite)
	return value


# Replace a file by two halves of its events, which stay before all others.
func _halve(file: String, events: PackedStringArray) -> bool:
	@warning_ignore("integer_division")
	var half := (events.size() + 1) / 2
	var first := file.trim_suffix(SUFFIX) + "-0" + SUFFIX
	var second := file.trim_suffix(SUFFIX) + "-1" + SUFFIX
	var is_stored := _store(first, "\n".join(events.slice(0, half)) + "\n")
	is_stored = _store(second, "\n".join(events.slice(half)) + "\n") and is_stored
	# On a full disk the file stays as it is.
	return (is_stored and _remove(file)) or _postpone(0.0)


func _remove(file: String) -> bool:
	return DirAccess.remove_absolute(FOLDER.path_join(file)) == OK


func _close() -> void:
	_current = ""
	_in_current = 0


func _next() -> String:
	var files := _files()
	for file in files.slice(0, maxi(files.size() - MAX_FILES + 1, 0)):
		var events: Variant = _events(file)
		# One that cannot be read may be readable later.
		if events != null and _remove(file):
			lost += events.size()
	var last := 0 if files.is_empty() else files[-1].left(12).to_int()
	return "%012d%s" % [last + 1, SUFFIX]


func _files() -> Array[String]:
	var files: Array[String] = []
	for file in DirAccess.get_files_at(FOLDER):
		if file.ends_with(SUFFIX):
			files.append(file)
	files.sort_custom(_is_before)
	return files


func _is_before(first: String, second: String) -> bool:
	return first.trim_suffix(SUFFIX) < second.trim_suffix(SUFFIX)


func _user_or_visitor() -> String:
	var user := _read("user")
	if user != "":
		return user
	if _read("anonymous") == "":
		_write("anonymous", _new_id(Time.get_unix_time_from_system()))
	return _read("anonymous")


func _read(value_name: String) -> String:
	var path := FOLDER.path_join(value_name)
	if not value_name in _values and FileAccess.file_exists(path):
		_values[value_name] = FileAccess.get_file_as_string(path)
	return _values.get(value_name, "")


func _write(value_name: String, value: String) -> void:
	_values[value_name] = value
	# Half an id, or the one of the player before, would be somebody else's: none stays.
	if value == "" or not _store(value_name, value):
		DirAccess.remove_absolute(FOLDER.path_join(value_name))


# Write a file. Return whether it could be written.
func _store(file: String, text: String) -> bool:
	var opened := FileAccess.open(FOLDER.path_join(file), FileAccess.WRITE)
	if opened == null:
		return false
	var bytes := text.to_utf8_buffer()
	opened.store_buffer(bytes)
	return _is_written(opened, bytes.size())


# Return a UUID of version 7 (RFC 9562): milliseconds since 1970, then random bits.
func _new_id(time: float) -> String:
	var bytes := _crypto.generate_random_bytes(10)
	bytes[0] = (bytes[0] & 0x0f) | 0x70
	bytes[2] = (bytes[2] & 0x3f) | 0x80
	var hex := "%012x" % int(time * 1000.0) + bytes.hex_encode()
	for place in [20, 16, 12, 8]:
		hex = hex.insert(place, "-")
	return hex


# Return ISO 8601 in UTC, with milliseconds.
func _iso_time(time: float) -> String:
	return Time.get_datetime_string_from_unix_time(int(time)) + ".%03dZ" % (int(time * 1000.0) % 1000)


# Seconds of a clock that nobody sets.
func _now() -> float:
	return Time.get_ticks_msec() / 1000.0
