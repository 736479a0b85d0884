using System;
using System.Collections;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace TidemarkAnalytics
{
    static class Ids
    {
        /// <summary>Return a UUID of version 7 (RFC 9562): milliseconds since 1970, then random bits.</summary>
        public static string New(DateTime now)
        {
            var bytes = new byte[10];
            using (var generator = RandomNumberGenerator.Create()) generator.GetBytes(bytes);
            bytes[0] = (byte)((bytes[0] & 0x0f) | 0x70);
            bytes[2] = (byte)((bytes[2] & 0x3f) | 0x80);
            var milliseconds = (now - new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc)).Ticks / TimeSpan.TicksPerMillisecond;
            var hex = milliseconds.ToString("x12") + BitConverter.ToString(bytes).Replace("-", "").ToLowerInvariant();
            foreach (var place in new[] { 20, 16, 12, 8 }) hex = hex.Insert(place, "-");
            return hex;
        }
    }

    static class Json
    {
        /// <summary>Return ISO 8601 in UTC, with microseconds.</summary>
        public static string Time(DateTime utc)
        {
            return utc.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        }

        /// <summary>Write a value as JSON; what JSON cannot hold is written as text, and NaN and infinity as null.</summary>
        public static string Write(object value)
        {
            var text = new StringBuilder();
            Write(value, text);
            return text.ToString();
        }

        static void Write(object value, StringBuilder text)
        {
            if (value == null) text.Append("null");
            else if (value is bool) text.Append((bool)value ? "true" : "false");
            else if (value is float || value is double) Number(Convert.ToDouble(value), text);
            else if (value is sbyte || value is byte || value is short || value is ushort || value is int || value is uint || value is long || value is ulong || value is decimal)
                text.Append(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
            else if (value is DateTime) Text(Time(((DateTime)value).ToUniversalTime()), text);
            else if (value is IDictionary) Object((IDictionary)value, text);
            else if (value is IEnumerable && !(value is string)) List((IEnumerable)value, text);
            else Text(Convert.ToString(value, CultureInfo.InvariantCulture), text);
        }

        static void Number(double value, StringBuilder text)
        {
            if (double.IsNaN(value) || double.IsInfinity(value)) text.Append("null");
            else text.Append(value.ToString("R", CultureInfo.InvariantCulture));
        }

        static void Object(IDictionary fields, StringBuilder text)
        {
            var before = "{";
            if (fields.Count == 0) text.Append(before);
            foreach (DictionaryEntry field in fields)
            {
                text.Append(before);
                Text(Convert.ToString(field.Key, CultureInfo.InvariantCulture), text);
                text.Append(':');
                Write(field.Value, text);
                before = ",";
            }
            text.Append('}');
        }

        static void List(IEnumerable values, StringBuilder text)
        {
            text.Append('[');
            var isFirst = true;
            foreach (var value in values)
            {
                if (!isFirst) text.Append(',');
                Write(value, text);
                isFirst = false;
            }
            text.Append(']');
        }

        static void Text(string given, StringBuilder text)
        {
            text.Append('"');
            foreach (var character in given ?? "")
            {
                if (character == '"' || character == '\\') text.Append('\\').Append(character);
                else if (character < ' ' || char.IsSurrogate(character)) text.Append("\\u").Append(((int)character).ToString("x4"));
                else text.Append(character);
            }
            text.Append('"');
        }
    }
}
