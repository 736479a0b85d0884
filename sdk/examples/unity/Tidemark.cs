using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;

namespace TidemarkAnalytics
{
    /// <summary>
    /// Record events and send them to Tidemark in the background. Plain .NET code without dependencies;
    /// TidemarkBehaviour.cs connects it to a game.
    /// </summary>
    /// <remarks>
    /// Events are kept in files of at most 50 until the server has taken them, so a game that is offline, closed or killed
    /// loses none that was recorded. Each keeps the id and time of the moment it was recorded.
    /// </remarks>
    public sealed class Tidemark : IDisposable
    {
        const int BatchSize = 10;
        const int TimeoutMs = 15000;
        static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(5);
        static readonly TimeSpan SessionTimeout = TimeSpan.FromHours(1);
        static readonly Regex Dropped = new Regex("\"status\": ?\"dropped\"");

        readonly Uri url;
        readonly string key;
        readonly IDictionary<string, object> context;
        readonly Action<string> log;
        readonly EventFiles queue;
        readonly object gate = new object();
        readonly AutoResetEvent wake = new AutoResetEvent(false);
        readonly Random random = new Random();
        bool ended;
        bool asked;
        int failures;
        string session = Ids.New(DateTime.UtcNow);
        DateTime lastEventAt = DateTime.UtcNow;

        /// <summary>Begin to record, and send what an earlier run has left.</summary>
        /// <param name="host">Address of the installation, such as https://stats.example.com.</param>
        /// <param name="key">The project's public key, pk_…</param>
        /// <param name="folder">For the files; nothing else may write there.</param>
        /// <param name="context">Fields for every event: app_version, os_name, os_version, device_type, source.</param>
        /// <param name="log">Gets a line when events are refused or lost.</param>
        /// <exception cref="ArgumentException">The host is no address of the web.</exception>
        public Tidemark(string host, string key, string folder, IDictionary<string, object> context = null, Action<string> log = null)
        {
            // A wrong address is told to the one who wrote it, not to the thread that sends.
            if (!Uri.TryCreate((host ?? "").TrimEnd('/') + "/api/v1/events/ingest", UriKind.Absolute, out url)
                || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp))
                throw new ArgumentException("The host is no address such as https://stats.example.com: \"" + host + "\"", nameof(host));
            this.key = key;
            this.context = context ?? new Dictionary<string, object>();
            this.log = log ?? (_ => { });
            queue = new EventFiles(folder);
            new Thread(Work) { IsBackground = true, Name = "Tidemark" }.Start();
            Flush();
        }

        /// <summary>Record an event. The name has 1 to 100 characters; properties are what JSON can hold.</summary>
        public void Track(string name, IDictionary<string, object> properties = null)
        {
            lock (gate)
            {
                var now = DateTime.UtcNow;
                if (now - lastEventAt > SessionTimeout) session = Ids.New(now);
                lastEventAt = now;
                var fields = new Dictionary<string, object> { ["source"] = "unity" };
                foreach (var pair in context) fields[pair.Key] = pair.Value;
                fields["event_id"] = Ids.New(now);
                fields["event_name"] = name;
                fields["timestamp"] = Json.Time(now);
                fields["distinct_id"] = Known("user") ?? AnonymousId();
                fields["session_id"] = session;
                fields["properties"] = properties ?? new Dictionary<string, object>();
                try
                {
                    if (queue.Append(Json.Write(fields)) >= BatchSize) asked = true;
                }
                catch (Exception error) when (EventFiles.IsOfDisk(error))
                {
                    log("An event is lost: " + error.Message);
                }
            }
            wake.Set();
        }

        /// <summary>Identify the player. What they did before, anonymously, becomes theirs.</summary>
        public void Identify(string userId, IDictionary<string, object> traits = null)
        {
            lock (gate)
            {
                var before = Known("user");
                // Another player on the same device: the two must not become one person.
                if (before != null && before != userId) Reset();
                var properties = new Dictionary<string, object> { ["$set"] = traits ?? new Dictionary<string, object>() };
                if (before == null) properties["$anon_distinct_id"] = AnonymousId();
                Keep("user", userId);
                Track("$identify", properties);
            }
        }

        /// <summary>Start a new anonymous visitor: call it when the player signs out.</summary>
        public void Reset()
        {
            lock (gate)
            {
                Keep("user", null);
                Keep("anonymous", null);
                session = Ids.New(DateTime.UtcNow);
            }
        }

        /// <summary>Send now what waits, such as when the game is paused. Returns at once.</summary>
        public void Flush()
        {
            lock (gate) asked = true;
            wake.Set();
        }

        /// <summary>Stop sending. What waits stays on disk for the next run.</summary>
        public void Dispose()
        {
            ended = true;
            wake.Set();
        }

        string AnonymousId()
        {
            var id = Known("anonymous");
            if (id == null) Keep("anonymous", id = Ids.New(DateTime.UtcNow));
            return id;
        }

        string Known(string name)
        {
            try
            {
                return queue.Read(name);
            }
            catch (Exception error) when (EventFiles.IsOfDisk(error))
            {
                log("The id \"" + name + "\" cannot be read: " + error.Message);
                return null;
            }
        }

        /// <summary>Keep an id. A full disk is no reason to stop the game: the id then holds until the game ends.</summary>
        void Keep(string name, string value)
        {
            try
            {
                queue.Write(name, value);
            }
            catch (Exception error) when (EventFiles.IsOfDisk(error))
            {
                log("The id \"" + name + "\" cannot be kept: " + error.Message);
            }
        }

        void Work()
        {
            while (!ended)
            {
                wake.WaitOne();
                // Others may follow, unless ten wait or somebody asked. The clock of the device may be set meanwhile, a stopwatch not.
                var waited = Stopwatch.StartNew();
                for (var rest = FlushInterval; !ended && !asked && rest > TimeSpan.Zero; rest = FlushInterval - waited.Elapsed)
                    wake.WaitOne(rest);
                asked = false;
                SendAll();
            }
        }

        void SendAll()
        {
            while (!ended)
            {
                TimeSpan pause;
                try
                {
                    string file;
                    lock (gate) file = queue.Oldest();
                    if (file == null) return;
                    pause = Send(file);
                }
                catch (Exception error)
                {
                    // Whatever it is: an exception that leaves a thread ends the process.
                    pause = Backoff(0, error.Message);
                }
                // The calls to wake of meanwhile do not shorten the server's rest.
                if (pause > TimeSpan.Zero) Thread.Sleep(pause);
            }
        }

        /// <summary>Send a file. Return how long to wait before the next request.</summary>
        TimeSpan Send(string file)
        {
            var events = queue.Events(file);
            if (events.Count == 0)
            {
                queue.Remove(file);
                return TimeSpan.Zero;
            }
            var lost = queue.Lost > 0 ? ",\"client_lost\":" + queue.Lost : "";
            var head = "{\"api_key\":" + Json.Write(key) + ",\"sent_at\":\"" + Json.Time(DateTime.UtcNow) + "\"" + lost;
            int retryAfter;
            string text;
            var status = Post(head + ",\"events\":[" + string.Join(",", events) + "]}", out retryAfter, out text);
            if (status >= 200 && status < 300)
            {
                failures = 0;
                if (Dropped.IsMatch(text)) log("The server refused events: " + text);
                queue.Remove(file);
            }
            else if (status == 413 && events.Count > 1)
            {
                queue.Halve(file, events);
            }
            // A key that is refused says nothing about the events: they wait until it is mended.
            else if (status >= 500 || status == 401 || status == 408 || status == 425 || status == 429)
            {
                return Backoff(retryAfter, "HTTP " + status);
            }
            else
            {
                log(events.Count + " event(s) refused: HTTP " + status + " " + text);
                queue.Remove(file);
            }
            return TimeSpan.Zero;
        }

        /// <summary>Return 1, 2, 4 … 60 seconds, give or take 30 percent, and at least what the server asks for.</summary>
        TimeSpan Backoff(int retryAfterSeconds, string reason)
        {
            failures += 1;
            var seconds = Math.Min(Math.Pow(2, Math.Min(failures - 1, 6)), 60) * (0.7 + 0.6 * random.NextDouble());
            if (failures == 3) log("Events wait: " + reason);
            return TimeSpan.FromSeconds(Math.Max(seconds, retryAfterSeconds));
        }

        /// <summary>Post a body. Throws WebException when there is no answer.</summary>
        int Post(string body, out int retryAfterSeconds, out string text)
        {
            var request = (HttpWebRequest)WebRequest.Create(url);
            request.Method = "POST";
            request.ContentType = "application/json";
            request.Timeout = TimeoutMs;
            request.ReadWriteTimeout = TimeoutMs;
            var bytes = Encoding.UTF8.GetBytes(body);
            HttpWebResponse response;
            try
            {
                using (var stream = request.GetRequestStream()) stream.Write(bytes, 0, bytes.Length);
                response = (HttpWebResponse)request.GetResponse();
            }
            catch (WebException error) when (error.Response is HttpWebResponse)
            {
                response = (HttpWebResponse)error.Response;
            }
            using (response)
            using (var reader = new StreamReader(response.GetResponseStream()))
            {
                int seconds;
                int.TryParse(response.Headers["Retry-After"], NumberStyles.None, CultureInfo.InvariantCulture, out seconds);
                retryAfterSeconds = Math.Min(seconds, 3600);
                text = reader.ReadToEnd();
                return (int)response.StatusCode;
            }
        }
    }
}
