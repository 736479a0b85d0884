using System.Collections.Generic;
using System.IO;
using UnityEngine;

namespace TidemarkAnalytics
{
    /// <summary>Start recording for a game: put this on an object of the first scene. Everywhere: TidemarkBehaviour.Instance.Track(…).</summary>
    public sealed class TidemarkBehaviour : MonoBehaviour
    {
        [SerializeField] string host = "https://stats.example.com";
        [SerializeField] string publicKey = "pk_your_public_key";

        public static Tidemark Instance { get; private set; }

        void Awake()
        {
            if (Instance != null)
            {
                Destroy(gameObject);
                return;
            }
            DontDestroyOnLoad(gameObject);
            var context = new Dictionary<string, object>
            {
                ["app_version"] = Application.version,
                ["os_name"] = SystemInfo.operatingSystemFamily.ToString(),
                ["os_version"] = SystemInfo.operatingSystem,
                ["device_type"] = SystemInfo.deviceType.ToString(),
            };
            Instance = new Tidemark(host, publicKey, Path.Combine(Application.persistentDataPath, "tidemark"), context, Debug.LogWarning);
        }

        void OnApplicationPause(bool paused)
        {
            // There is none when the host is wrong.
            if (paused) Instance?.Flush();
        }

        void OnApplicationQuit()
        {
            Instance?.Dispose();
        }
    }
}
