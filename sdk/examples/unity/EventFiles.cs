using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace TidemarkAnalytics
{
    /// <summary>
    /// Events on disk, as lines of JSON in files that are numbered in the order of their events, and single values beside them.
    /// </summary>
    sealed class EventFiles
    {
        const string Suffix = ".jsonl";
        const int MaxEvents = 50;
        const int MaxFiles = 200;
        static readonly Encoding Utf8 = new UTF8Encoding(false);

        readonly string folder;
        readonly Dictionary<string, string> values = new Dictionary<string, string>();
        string current;
        int inCurrent;

        public EventFiles(string folder)
        {
            this.folder = folder;
            Directory.CreateDirectory(folder);
        }

        /// <summary>Events deleted because too many waited, since the game began.</summary>
        public int Lost { get; private set; }

        /// <summary>Add an event to the newest file. Return how many that file has.</summary>
        public int Append(string line)
        {
            if (current == null) current = Next();
            try
            {
                // One write with the end of its line: of a killed process at most the last line is torn.
                File.AppendAllText(current, line + "\n", Utf8);
            }
            catch (Exception error) when (IsOfDisk(error))
            {
                var file = current;
                var isWithoutEvents = inCurrent == 0;
                // The disk is full, and half a line may be there: no event follows it in this file.
                Close();
                // A file without events must not stay, or many would push out the ones that have some.
                if (isWithoutEvents) File.Delete(file);
                throw;
            }
            inCurrent += 1;
            var count = inCurrent;
            if (count >= MaxEvents) Close();
            return count;
        }

        /// <summary>Return the oldest file, which gets no further events; null when nothing waits.</summary>
        public string Oldest()
        {
            var oldest = Files().FirstOrDefault();
            if (oldest == current) Close();
            return oldest;
        }

        /// <summary>Say whether an exception is one of files, such as that the disk is full.</summary>
        public static bool IsOfDisk(Exception error)
        {
            return error is IOException || error is UnauthorizedAccessException;
        }

        /// <summary>Return the whole lines of a file. A torn last line is left out. Throws when the file cannot be read.</summary>
        public IList<string> Events(string file)
        {
            var text = File.ReadAllText(file, Utf8);
            return text.Substring(0, text.LastIndexOf('\n') + 1).Split(new[] { '\n' }, StringSplitOptions.RemoveEmptyEntries);
        }

        public void Remove(string file)
        {
            File.Delete(file);
        }

        /// <summary>Replace a file by two halves of its events, which stay before all others.</summary>
        public void Halve(string file, IList<string> events)
        {
            var half = (events.Count + 1) / 2;
            var name = Path.Combine(folder, Path.GetFileNameWithoutExtension(file));
            File.WriteAllText(name + "-0" + Suffix, string.Concat(events.Take(half).Select(line => line + "\n")), Utf8);
            File.WriteAllText(name + "-1" + Suffix, string.Concat(events.Skip(half).Select(line => line + "\n")), Utf8);
            File.Delete(file);
        }

        /// <summary>Return a single value, such as the id of the player; null when there is none.</summary>
        public string Read(string name)
        {
            string value;
            if (values.TryGetValue(name, out value)) return value;
            var file = Path.Combine(folder, name);
            value = File.Exists(file) ? File.ReadAllText(file, Utf8) : null;
            return values[name] = value == "" ? null : value;
        }

        /// <summary>Keep a single value; null removes it. When this throws, the value holds until the game ends.</summary>
        public void Write(string name, string value)
        {
            values[name] = value;
            var file = Path.Combine(folder, name);
            try
            {
                if (value == null) File.Delete(file);
                else File.WriteAllText(file, value, Utf8);
            }
            catch (Exception error) when (IsOfDisk(error))
            {
                // Half an id, or the one of the player before, would be somebody else's.
                File.Delete(file);
                throw;
            }
        }

        void Close()
        {
            current = null;
            inCurrent = 0;
        }

        string Next()
        {
            var files = Files();
            foreach (var file in files.Take(Math.Max(files.Count - MaxFiles + 1, 0)))
            {
                try
                {
                    var count = Events(file).Count;
                    File.Delete(file);
                    Lost += count;
                }
                catch (Exception error) when (IsOfDisk(error))
                {
                    // It stays: it may be readable later.
                }
            }
            var last = files.Count > 0 ? Path.GetFileName(files[files.Count - 1]).Substring(0, 12) : "0";
            var number = long.Parse(last, CultureInfo.InvariantCulture) + 1;
            return Path.Combine(folder, number.ToString("d12", CultureInfo.InvariantCulture) + Suffix);
        }

        List<string> Files()
        {
            return Directory.GetFiles(folder, "*" + Suffix).OrderBy(Path.GetFileNameWithoutExtension, StringComparer.Ordinal).ToList();
        }
    }
}
