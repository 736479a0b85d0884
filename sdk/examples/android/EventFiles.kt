package tidemark

import java.io.File
import java.io.FileOutputStream
import java.io.IOException

/**
 * Events on disk, as lines of JSON in files that are numbered in the order of their events, and single values beside them.
 * All functions about events are called by one thread.
 */
internal class EventFiles(private val folder: File) {
    /** Events deleted because too many waited, since the app began. */
    var lost = 0
        private set
    private var current: File? = null
    private var inCurrent = 0
    private val values = HashMap<String, String?>()

    init {
        folder.mkdirs()
    }

    /** Add an event to the newest file. Return how many that file has. */
    fun append(line: String): Int {
        val file = current ?: next().also { current = it }
        try {
            // One write with the end of its line: of a killed process at most the last line is torn.
            FileOutputStream(file, true).use { it.write((line + "\n").toByteArray(Charsets.UTF_8)) }
        } catch (error: IOException) {
            // The disk is full, and half a line may be there: no event follows it in this file.
            // A file without events must not stay, or many would push out the ones that have some.
            if (inCurrent == 0) file.delete()
            close()
            throw error
        }
        inCurrent += 1
        val count = inCurrent
        if (count >= MAX_EVENTS) close()
        return count
    }

    /** Return the oldest file, which gets no further events; null when nothing waits. */
    fun oldest(): File? = files().firstOrNull()?.also { if (it == current) close() }

    /** Return the whole lines of a file. A torn last line is left out. Throws `IOException` when the file cannot be read. */
    fun events(file: File): List<String> = file.readText().substringBeforeLast("\n", "").split("\n").filter { it.isNotEmpty() }

    fun remove(file: File): Boolean = file.delete()

    /** Replace a file by two halves of its events, which stay before all others. */
    fun halve(file: File, events: List<String>): Boolean {
        val half = (events.size + 1) / 2
        val name = file.name.removeSuffix(SUFFIX)
        File(folder, "$name-0$SUFFIX").writeText(events.take(half).joinToString("") { it + "\n" })
        File(folder, "$name-1$SUFFIX").writeText(events.drop(half).joinToString("") { it + "\n" })
        return file.delete()
    }

    /** Return a single value, such as the id of the user. */
    @Synchronized
    fun read(name: String): String? =
        values.getOrPut(name) { File(folder, name).takeIf { it.exists() }?.readText()?.takeIf { it.isNotEmpty() } }

    /** Keep a single value; null removes it. When this throws `IOException`, the value holds until the process ends. */
    @Synchronized
    fun write(name: String, value: String?) {
        values[name] = value
        val file = File(folder, name)
        try {
            if (value != null) file.writeText(value) else if (!file.delete() && file.exists()) throw IOException("Cannot delete $file")
        } catch (error: IOException) {
            // Half an id, or the one of the user before, would be somebody else's.
            file.delete()
            throw error
        }
    }

    private fun close() {
        current = null
        inCurrent = 0
    }

    private fun next(): File {
        val files = files()
        for (file in files.take(maxOf(files.size - MAX_FILES + 1, 0))) {
            val count = try {
                events(file).size
            } catch (error: IOException) {
                // It may be readable later.
                continue
            }
            if (file.delete()) lost += count
        }
        val last = files.lastOrNull()?.name?.takeWhile { it.isDigit() }?.toLongOrNull() ?: 0
        return File(folder, String.format(java.util.Locale.ROOT, "%012d$SUFFIX", last + 1))
    }

    private fun files(): List<File> = folder.listFiles().orEmpty().filter { it.name.endsWith(SUFFIX) }.sortedBy { it.name.removeSuffix(SUFFIX) }

    private companion object {
        const val SUFFIX = ".jsonl"
        const val MAX_EVENTS = 50
        const val MAX_FILES = 200
    }
}
