package tidemark

import java.io.File
import java.io.IOException
import java.net.HttpURLConnection
import java.net.URL
import java.security.SecureRandom
import java.text.SimpleDateFormat
import java.util.Date
import java.util.Locale
import java.util.TimeZone
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import java.util.concurrent.ScheduledFuture
import java.util.concurrent.TimeUnit

/**
 * Records events and sends them to Tidemark in the background. Plain JVM code without dependencies; `TidemarkAndroid.kt`
 * connects it to an app.
 *
 * Events are kept in files of at most 50 until the server has taken them, so an app that is offline, closed or killed loses
 * none that has reached the disk, which takes milliseconds. Each keeps the id and time of the moment it was recorded.
 *
 * @param host address of the installation, such as `https://stats.example.com`
 * @param key the project's public key, `pk_…`
 * @param folder for the files; nothing else may write there
 * @param context fields for every event: `app_version`, `os_name`, `os_version`, `device_type`
 * @param log gets a line when events are refused or lost
 */
class Tidemark(
    host: String,
    private val key: String,
    folder: File,
    private val context: Map<String, String> = emptyMap(),
    private val log: (String) -> Unit = {}
) {
    private val url = URL(host.trimEnd('/') + "/api/v1/events/ingest")
    private val queue = EventFiles(folder)
    private val worker = Executors.newSingleThreadScheduledExecutor { task -> Thread(task, "tidemark").apply { isDaemon = true } }
    private var planned: ScheduledFuture<*>? = null
    private var failures = 0
    private var nextAttemptAt = 0L
    private var session = newId()
    private var lastEventAt = System.currentTimeMillis()

    /** Record an event. The name has 1 to 100 characters; properties are what JSON can hold. */
    @Synchronized
    fun track(name: String, properties: Map<String, Any?> = emptyMap()) {
        val now = System.currentTimeMillis()
        if (now - lastEventAt > SESSION_TIMEOUT_MS) session = newId()
        lastEventAt = now
        val event = context + mapOf(
            "event_id" to newId(now),
            "event_name" to name,
            "timestamp" to isoTime(now),
            "distinct_id" to (known("user") ?: anonymousId()),
            "session_id" to session,
            "source" to (context["source"] ?: "android"),
            "properties" to properties
        )
        val line = json(event)
        worker.execute {
            try {
                val waiting = queue.append(line)
                plan(if (waiting >= BATCH_SIZE) 0 else FLUSH_INTERVAL_MS)
            } catch (error: IOException) {
                log("An event is lost: $error")
            }
        }
    }

    /** Identify the user. What they did before, anonymously, becomes theirs. */
    @Synchronized
    fun identify(userId: String, traits: Map<String, Any?> = emptyMap()) {
        val before = known("user")
        // Another user of the same device: the two must not become one person.
        if (before != null && before != userId) reset()
        val previous = if (before == null) mapOf("\$anon_distinct_id" to anonymousId()) else emptyMap()
        keep("user", userId)
        track("\$identify", previous + mapOf("\$set" to traits))
    }

    /** Start a new anonymous visitor: call it when the user signs out. */
    @Synchronized
    fun reset() {
        keep("user", null)
        keep("anonymous", null)
        session = newId()
    }

    /** Send now what waits, such as when the app goes to the background. Returns at once. */
    fun flush() {
        worker.execute { plan(0) }
    }

    /** Wait until everything recorded so far is on disk, such as before the process ends. */
    fun save() {
        worker.submit(Callable { }).get()
    }

    private fun anonymousId(): String = known("anonymous") ?: newId().also { keep("anonymous", it) }

    private fun known(name: String): String? = try {
        queue.read(name)
    } catch (error: IOException) {
        log("The id \"$name\" cannot be read: $error")
        null
    }

    /** Keep an id. A full disk is no reason to stop the app: the id then holds until the process ends. */
    private fun keep(name: String, value: String?) {
        try {
            queue.write(name, value)
        } catch (error: IOException) {
            log("The id \"$name\" cannot be kept: $error")
        }
    }

    private fun plan(delayMs: Long) {
        val delay = maxOf(delayMs, nextAttemptAt - nowMs())
        val current = planned
        if (current != null && !current.isDone && current.getDelay(TimeUnit.MILLISECONDS) <= delay) return
        current?.cancel(false)
        planned = worker.schedule({ send() }, delay, TimeUnit.MILLISECONDS)
    }

    /** Send one file after the other, the oldest first, until all are sent or the server has to be left alone for a while. */
    private fun send() {
        // This one runs: only without it can the next one be planned at the end.
        planned = null
        try {
            while (true) {
                val file = queue.oldest() ?: return
                if (!isDone(file)) break
            }
        } catch (error: Exception) {
            postpone(0, error.toString())
        }
        plan(FLUSH_INTERVAL_MS)
    }

    /** Send a file. Return whether to go on with the next one, which may be a half of it. */
    private fun isDone(file: File): Boolean {
        val events = queue.events(file)
        if (events.isEmpty()) return queue.remove(file)
        val lost = if (queue.lost > 0) ",\"client_lost\":${queue.lost}" else ""
        val head = "{\"api_key\":${json(key)},\"sent_at\":${json(isoTime(System.currentTimeMillis()))}$lost"
        val answer = post("$head,\"events\":[${events.joinToString(",")}]}")
        return when {
            answer.status in 200..299 -> {
                failures = 0
                if (DROPPED.containsMatchIn(answer.text)) log("The server refused events: ${answer.text.take(500)}")
                queue.remove(file)
            }
            answer.status == 413 && events.size > 1 -> queue.halve(file, events)
            // A key that is refused says nothing about the events: they wait until it is mended.
            answer.status >= 500 || answer.status in RETRIED -> {
                postpone(answer.retryAfterMs, "HTTP ${answer.status}")
                false
            }
            else -> {
                log("${events.size} event(s) refused: HTTP ${answer.status} ${answer.text.take(500)}")
                queue.remove(file)
            }
        }
    }

    /** Wait 1, 2, 4 … 60 seconds, give or take 30 percent, and at least as long as the server asks. */
    private fun postpone(retryAfterMs: Long, reason: String) {
        failures += 1
        val backoff = minOf(1_000L shl minOf(failures - 1, 6), 60_000L)
        val delay = (backoff * (0.7 + 0.6 * Math.random())).toLong()
        nextAttemptAt = nowMs() + maxOf(delay, retryAfterMs)
        if (failures == 3) log("Events wait: $reason")
    }

    private class Answer(val status: Int, val text: String, val retryAfterMs: Long)

    /** Post a body. Throws `IOException` when there is no answer. */
    private fun post(body: String): Answer {
        val connection = url.openConnection() as HttpURLConnection
        try {
            connection.requestMethod = "POST"
            connection.connectTimeout = TIMEOUT_MS
            connection.readTimeout = TIMEOUT_MS
            connection.doOutput = true
            connection.setRequestProperty("Content-Type", "application/json")
            connection.outputStream.use { it.write(body.toByteArray(Charsets.UTF_8)) }
            val status = connection.responseCode
            val stream = if (status < 400) connection.inputStream else connection.errorStream
            val text = stream?.use { it.readBytes().toString(Charsets.UTF_8) } ?: ""
            val seconds = connection.getHeaderField("Retry-After")?.trim()?.toLongOrNull() ?: 0
            return Answer(status, text, minOf(maxOf(seconds, 0), 3_600) * 1_000)
        } finally {
            connection.disconnect()
        }
    }

    private companion object {
        const val BATCH_SIZE = 10
        const val FLUSH_INTERVAL_MS = 5_000L
        const val SESSION_TIMEOUT_MS = 3_600_000L
        const val TIMEOUT_MS = 15_000
        val DROPPED = Regex("\"status\": ?\"dropped\"")
        val RETRIED = setOf(401, 408, 425, 429)

        /** Milliseconds of a clock that nobody sets. */
        fun nowMs(): Long = System.nanoTime() / 1_000_000
    }
}

private val random = SecureRandom()

/** Return a UUID of version 7 (RFC 9562): milliseconds since 1970, then random bits. */
internal fun newId(now: Long = System.currentTimeMillis()): String {
    val bytes = ByteArray(10).also { random.nextBytes(it) }
    bytes[0] = ((bytes[0].toInt() and 0x0f) or 0x70).toByte()
    bytes[2] = ((bytes[2].toInt() and 0x3f) or 0x80).toByte()
    val hex = String.format(Locale.ROOT, "%012x", now) + bytes.joinToString("") { String.format(Locale.ROOT, "%02x", it.toInt() and 0xff) }
    return hex.replaceFirst(Regex("(.{8})(.{4})(.{4})(.{4})"), "$1-$2-$3-$4-")
}

/** Return ISO 8601 in UTC. */
internal fun isoTime(now: Long): String =
    SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT).apply { timeZone = TimeZone.getTimeZone("UTC") }.format(Date(now))

/** Write a value as JSON; what JSON cannot hold is written as text, and NaN and infinity as null. */
internal fun json(value: Any?): String = when (value) {
    null -> "null"
    is Boolean, is Int, is Long, is Short, is Byte -> value.toString()
    is Number -> value.toDouble().let { if (it.isNaN() || it.isInfinite()) "null" else it.toString() }
    is Map<*, *> -> value.entries.joinToString(",", "{", "}") { json(it.key.toString()) + ":" + json(it.value) }
    is Iterable<*> -> value.joinToString(",", "[", "]") { json(it) }
    is Array<*> -> json(value.asList())
    else -> value.toString().map { escaped(it) }.joinToString("", "\"", "\"")
}

private fun escaped(character: Char): String = when {
    character == '"' || character == '\\' -> "\\$character"
    character < ' ' -> String.format(Locale.ROOT, "\\u%04x", character.toInt())
    else -> character.toString()
}
