import Foundation

/// Events on disk, as lines of JSON in files that are numbered in the order of their events, and single values beside them.
/// All functions are called on one queue.
final class EventFiles {
    private static let suffix = "jsonl"
    private static let maxEvents = 50
    private static let maxFiles = 200

    /// Events deleted because too many waited, since the app began.
    private(set) var lost = 0
    private let folder: URL
    private var current: URL?
    private var inCurrent = 0
    /// What was written, also where the disk refused it; nil when it was removed.
    private var values: [String: String?] = [:]

    init(folder: URL) throws {
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Add an event to the newest file. Return how many that file has.
    func append(_ event: Data) throws -> Int {
        let file = current ?? next()
        if current == nil {
            try Data().write(to: file)
            current = file
        }
        do {
            let handle = try FileHandle(forWritingTo: file)
            defer { try? handle.close() }
            try handle.seekToEnd()
            // One write with the end of its line: of a killed process at most the last line is torn.
            try handle.write(contentsOf: event + Data("\n".utf8))
        } catch {
            // The disk is full, and half a line may be there: no event follows it in this file.
            // A file without events must not stay, or many would push out the ones that have some.
            if inCurrent == 0 { remove(file) }
            close()
            throw error
        }
        inCurrent += 1
        let count = inCurrent
        if count >= EventFiles.maxEvents { close() }
        return count
    }

    /// Return the oldest file, which gets no further events; nil when nothing waits.
    func oldest() -> URL? {
        let first = files().first
        if first?.lastPathComponent == current?.lastPathComponent { close() }
        return first
    }

    /// Return the whole lines of a file. A torn last line is left out.
    /// - Throws: when the file cannot be read, which does not mean that it is empty
    func events(_ file: URL) throws -> [Data] {
        let data = try Data(contentsOf: file)
        guard let end = data.lastIndex(of: 0x0a) else { return [] }
        return data[..<end].split(separator: 0x0a).map { Data($0) }
    }

    /// Delete a file. Return whether that was possible.
    @discardableResult
    func remove(_ file: URL) -> Bool {
        (try? FileManager.default.removeItem(at: file)) != nil
    }

    /// Replace a file by two halves of its events, which stay before all others. Return whether the disk allowed it.
    func halve(_ file: URL, _ events: [Data]) -> Bool {
        let half = (events.count + 1) / 2
        let name = file.deletingPathExtension().lastPathComponent
        do {
            for (part, lines) in [events.prefix(half), events.dropFirst(half)].enumerated() {
                let text = lines.reduce(Data()) { $0 + $1 + Data("\n".utf8) }
                try text.write(to: folder.appendingPathComponent("\(name)-\(part).\(EventFiles.suffix)"))
            }
            return remove(file)
        } catch {
            return false
        }
    }

    /// Return a single value, such as the id of the user.
    func read(_ name: String) -> String? {
        if let known = values[name] { return known }
        return try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    /// Keep a single value; nil removes it. Where the disk refuses it, it holds until the process ends.
    func write(_ name: String, _ value: String?) {
        values.updateValue(value, forKey: name)
        let file = folder.appendingPathComponent(name)
        if let value = value, (try? value.write(to: file, atomically: true, encoding: .utf8)) != nil { return }
        // Also after a failure: the id of the user before would be somebody else's.
        remove(file)
    }

    private func close() {
        current = nil
        inCurrent = 0
    }

    private func next() -> URL {
        let all = files()
        for file in all.prefix(max(all.count - EventFiles.maxFiles + 1, 0)) {
            // One that cannot be read may be readable later.
            guard let lines = try? events(file) else { continue }
            if remove(file) { lost += lines.count }
        }
        let last = Int(all.last?.lastPathComponent.prefix(12) ?? "0") ?? 0
        return folder.appendingPathComponent(String(format: "%012d.", last + 1) + EventFiles.suffix)
    }

    private func files() -> [URL] {
        let all = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        let names = { (file: URL) in file.deletingPathExtension().lastPathComponent }
        return all.filter { $0.pathExtension == EventFiles.suffix }.sorted { names($0) < names($1) }
    }
}
