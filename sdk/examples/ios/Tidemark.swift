import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Records events and sends them to Tidemark in the background. It needs Foundation only; `TidemarkApp.swift` connects it
/// to an app.
///
/// Events are kept in files of at most 50 until the server has taken them, so an app that is offline, closed or killed
/// loses none that has reached the disk, which takes milliseconds. Each keeps the id and time of the moment it was recorded.
public final class Tidemark {
    private static let batchSize = 10
    private static let flushInterval: TimeInterval = 5
    private static let sessionTimeout: TimeInterval = 3_600
    private static let timeout: TimeInterval = 15

    private let url: URL
    private let key: String
    private let context: [String: String]
    private let log: (String) -> Void
    private let queue: EventFiles
    /// All work on files and all answers.
    private let worker = DispatchQueue(label: "tidemark")
    private let network: URLSession
    private var planned: DispatchWorkItem?
    private var plannedFor = DispatchTime.distantFuture
    private var isSending = false
    private var failures = 0
    private var nextAttempt = DispatchTime.now()
    private var session = newId(Date())
    private var lastEvent = Date()

    /// - Parameters:
    ///   - host: address of the installation, such as `https://stats.example.com`
    ///   - key: the project's public key, `pk_…`
    ///   - folder: for the files; nothing else may write there
    ///   - context: fields for every event: `app_version`, `os_name`, `os_version`, `device_type`, `source`
    ///   - log: gets a line when events are refused or lost
    /// - Throws: when the folder cannot be made
    public init(host: URL, key: String, folder: URL, context: [String: String] = [:], log: @escaping (String) -> Void = { _ in }) throws {
        url = host.appendingPathComponent("api/v1/events/ingest")
        self.key = key
        self.context = context
        self.log = log
        queue = try EventFiles(folder: folder)
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = Tidemark.timeout
        network = URLSession(configuration: configuration)
        // What an earlier run of the app has left.
        flush()
    }

    /// Record an event. The name has 1 to 100 characters; properties are what JSON can hold.
    public func track(_ name: String, _ properties: [String: Any] = [:]) {
        let now = Date()
        guard JSONSerialization.isValidJSONObject(properties) else {
            log("Event \(name) is lost: its properties are not what JSON can hold")
            return
        }
        worker.async { [self] in record(name, properties, at: now) }
    }

    /// Identify the user. What they did before, anonymously, becomes theirs.
    public func identify(_ userId: String, _ traits: [String: Any] = [:]) {
        let now = Date()
        let isValid = JSONSerialization.isValidJSONObject(traits)
        worker.async { [self] in
            let before = queue.read("user")
            // Another user of the same device: the two must not become one person.
            if before != nil && before != userId { forget() }
            var properties: [String: Any] = ["$set": isValid ? traits : [:]]
            if before == nil { properties["$anon_distinct_id"] = anonymousId() }
            queue.write("user", userId)
            record("$identify", properties, at: now)
        }
    }

    /// Start a new anonymous visitor: call it when the user signs out.
    public func reset() {
        worker.async { [self] in forget() }
    }

    /// Send now what waits, such as when the app goes to the background. `done` is called when a request has ended, or at once.
    public func flush(_ done: @escaping () -> Void = {}) {
        worker.async { [self] in send(then: done) }
    }

    private func forget() {
        queue.write("user", nil)
        queue.write("anonymous", nil)
        session = newId(Date())
    }

    private func record(_ name: String, _ properties: [String: Any], at now: Date) {
        if now.timeIntervalSince(lastEvent) > Tidemark.sessionTimeout { session = newId(now) }
        lastEvent = now
        var event: [String: Any] = ["source": "ios"]
        event.merge(context) { $1 }
        event["event_id"] = newId(now)
        event["event_name"] = name
        event["timestamp"] = isoTime(now)
        event["distinct_id"] = queue.read("user") ?? anonymousId()
        event["session_id"] = session
        event["properties"] = properties
        do {
            let waiting = try queue.append(JSONSerialization.data(withJSONObject: event))
            plan(after: waiting >= Tidemark.batchSize ? 0 : Tidemark.flushInterval)
        } catch {
            log("Event \(name) is lost: \(error)")
        }
    }

    private func anonymousId() -> String {
        if let known = queue.read("anonymous") { return known }
        let id = newId(Date())
        queue.write("anonymous", id)
        return id
    }

    private func plan(after delay: TimeInterval) {
        let time = max(DispatchTime.now() + delay, nextAttempt)
        if time >= plannedFor { return }
        planned?.cancel()
        let work = DispatchWorkItem { [weak self] in
            self?.plannedFor = .distantFuture
            self?.send {}
        }
        planned = work
        plannedFor = time
        worker.asyncAfter(deadline: time, execute: work)
    }

    /// Send the oldest file, then the next one, until all are sent or the server has to be left alone for a while.
    private func send(then done: @escaping () -> Void) {
        guard !isSending, DispatchTime.now() >= nextAttempt, let file = queue.oldest() else {
            if !isSending && queue.oldest() != nil { plan(after: 0) }
            done()
            return
        }
        guard let events = try? queue.events(file) else {
            // Not to be read is not empty: it is tried again later.
            rest("\(file.lastPathComponent) cannot be read", then: done)
            return
        }
        if events.isEmpty {
            if queue.remove(file) { send(then: done) } else { rest("\(file.lastPathComponent) cannot be deleted", then: done) }
            return
        }
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = body(events)
        isSending = true
        network.dataTask(with: request) { [self] data, response, error in
            worker.async { [self] in
                isSending = false
                let goesOn = isDone(file, events, response as? HTTPURLResponse, data ?? Data(), error)
                if goesOn { send(then: done) } else { plan(after: 0); done() }
            }
        }.resume()
    }

    /// Go on later, because of the disk.
    private func rest(_ reason: String, then done: () -> Void) {
        postpone(0, reason)
        plan(after: 0)
        done()
    }

    private func body(_ events: [Data]) -> Data {
        var head = "{\"api_key\":\"\(key)\",\"sent_at\":\"\(isoTime(Date()))\""
        if queue.lost > 0 { head += ",\"client_lost\":\(queue.lost)" }
        return Data((head + ",\"events\":[").utf8) + Data(events.joined(separator: Data(",".utf8))) + Data("]}".utf8)
    }

    /// Apply the answer. Return whether to go on with the next file, which may be a half of this one.
    private func isDone(_ file: URL, _ events: [Data], _ response: HTTPURLResponse?, _ text: Data, _ error: Error?) -> Bool {
        let status = response?.statusCode ?? 0
        if (200..<300).contains(status) {
            failures = 0
            let answer = try? JSONSerialization.jsonObject(with: text) as? [String: Any]
            let results = answer?["results"] as? [[String: Any]] ?? []
            let dropped = results.filter { $0["status"] as? String == "dropped" }
            if !dropped.isEmpty { log("The server refused events: \(dropped)") }
            return isRemoved(file)
        } else if status == 413 && events.count > 1 {
            if !queue.halve(file, events) {
                postpone(0, "\(file.lastPathComponent) cannot be halved")
                return false
            }
        } else if status == 0 || status >= 500 || [401, 408, 425, 429].contains(status) {
            // A key that is refused (401) says nothing about the events: they wait until it is mended.
            let header = response?.value(forHTTPHeaderField: "Retry-After") ?? ""
            postpone(min(TimeInterval(header) ?? 0, 3_600), error?.localizedDescription ?? "HTTP \(status)")
            return false
        } else {
            log("\(events.count) event(s) refused: HTTP \(status) \(String(decoding: text.prefix(500), as: UTF8.self))")
            return isRemoved(file)
        }
        return true
    }

    /// Delete a file. One that stays would be sent again at once, so the next attempt has to wait.
    private func isRemoved(_ file: URL) -> Bool {
        if queue.remove(file) { return true }
        postpone(0, "\(file.lastPathComponent) cannot be deleted")
        return false
    }

    /// Wait 1, 2, 4 … 60 seconds, give or take 30 percent, and at least as long as the server asks.
    private func postpone(_ retryAfter: TimeInterval, _ reason: String) {
        failures += 1
        let backoff = min(pow(2, Double(min(failures - 1, 6))), 60) * Double.random(in: 0.7...1.3)
        nextAttempt = DispatchTime.now() + max(backoff, retryAfter)
        if failures == 3 { log("Events wait: \(reason)") }
    }
}

/// Return a UUID of version 7 (RFC 9562): milliseconds since 1970, then random bits.
func newId(_ now: Date) -> String {
    var bytes = (0..<10).map { _ in UInt8.random(in: 0...255) }
    bytes[0] = (bytes[0] & 0x0f) | 0x70
    bytes[2] = (bytes[2] & 0x3f) | 0x80
    let time = String(format: "%012llx", UInt64(now.timeIntervalSince1970 * 1_000))
    var hex = Array(time + bytes.map { String(format: "%02x", $0) }.joined())
    for place in [20, 16, 12, 8] { hex.insert("-", at: place) }
    return String(hex)
}

/// Return ISO 8601 in UTC, with milliseconds.
func isoTime(_ now: Date) -> String {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "UTC")
    format.dateFormat = "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'"
    return format.string(from: now)
}
