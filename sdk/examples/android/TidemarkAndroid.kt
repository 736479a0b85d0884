package tidemark

import android.app.Activity
import android.app.Application
import android.os.Build
import android.os.Bundle
import android.util.Log
import java.io.File

/** Start recording for an app: `val tidemark = startTidemark(this, "https://stats.example.com", "pk_…")` in `Application.onCreate`. */
fun startTidemark(app: Application, host: String, key: String): Tidemark {
    val version = app.packageManager.getPackageInfo(app.packageName, 0).versionName ?: ""
    val context = mapOf("app_version" to version, "os_name" to "Android", "os_version" to Build.VERSION.RELEASE, "device_type" to "mobile")
    val tidemark = Tidemark(host, key, File(app.filesDir, "tidemark"), context) { Log.w("Tidemark", it) }
    app.registerActivityLifecycleCallbacks(Background(tidemark))
    // What an earlier run of the app has left.
    tidemark.flush()
    return tidemark
}

/** Sends what waits when no activity is visible any more. */
private class Background(private val tidemark: Tidemark) : Application.ActivityLifecycleCallbacks {
    private var visible = 0

    override fun onActivityStarted(activity: Activity) {
        visible += 1
    }

    override fun onActivityStopped(activity: Activity) {
        visible -= 1
        if (visible == 0) tidemark.flush()
    }

    override fun onActivityCreated(activity: Activity, state: Bundle?) = Unit
    override fun onActivityResumed(activity: Activity) = Unit
    override fun onActivityPaused(activity: Activity) = Unit
    override fun onActivitySaveInstanceState(activity: Activity, state: Bundle) = Unit
    override fun onActivityDestroyed(activity: Activity) = Unit
}
