import UIKit

extension Tidemark {
    /// Start recording for an app, such as in `application(_:didFinishLaunchingWithOptions:)`:
    /// `let tidemark = try Tidemark.start(host: URL(string: "https://stats.example.com")!, key: "pk_…")`.
    public static func start(host: URL, key: String) throws -> Tidemark {
        let support = try FileManager.default.url(for: .applicationSupportDirectory, in: .userDomainMask, appropriateFor: nil, create: true)
        let version = Bundle.main.object(forInfoDictionaryKey: "CFBundleShortVersionString") as? String ?? ""
        let device = UIDevice.current
        let context = [
            "app_version": version,
            "os_name": device.systemName,
            "os_version": device.systemVersion,
            "device_type": device.userInterfaceIdiom == .pad ? "tablet" : "mobile",
        ]
        let tidemark = try Tidemark(host: host, key: key, folder: support.appendingPathComponent("tidemark"), context: context) {
            NSLog("Tidemark: %@", $0)
        }
        NotificationCenter.default.addObserver(forName: UIApplication.didEnterBackgroundNotification, object: nil, queue: .main) { _ in
            // The system lets the app run on for as long as the request takes, some seconds.
            let task = UIApplication.shared.beginBackgroundTask()
            tidemark.flush { DispatchQueue.main.async { UIApplication.shared.endBackgroundTask(task) } }
        }
        return tidemark
    }
}
