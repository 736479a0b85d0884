/* eslint-disable local/no-literal-text -- code, which is the same in every language */
import { t } from "../../texts";

export type Platform = keyof typeof t.install.names;

export interface Snippet {
  label: string;
  code: string;
  note?: string;
}

interface Target {
  /** The address of this installation. */
  origin: string;
  publicKey: string;
}

const { steps, notes } = t.install;

/** The tag that loads the SDK: the same on every page of ours and in every document. */
export function scriptTag({ origin, publicKey }: Target): string {
  return [
    "<script>window.tidemark = window.tidemark || [];</script>",
    `<script async src="${origin}/static/sdk/sdk.min.js"`,
    `        data-project="${publicKey}"></script>`,
  ].join("\n");
}

const TRACK = `tidemark.push(["event", "level_completed", { level: 3 }]);`;
const IDENTIFY = `tidemark.push(["identify", "user-42", { plan: "pro" }]);`;

function json(target: Target, post: (url: string, key: string) => string): string {
  return post(`${target.origin}/api/v1/events/ingest`, target.publicKey);
}

/** The command that sends one event. */
export function curlCommand(target: Target): string {
  return json(target, (url, key) =>
    [
      `curl ${url}`,
      `-H 'X-API-Key: ${key}'`,
      `-H 'Content-Type: application/json'`,
      `-d '{"event_name": "hello", "distinct_id": "me"}'`,
    ].join(" \\\n  "),
  );
}

function node(target: Target): string {
  return json(
    target,
    (url, key) => `import { randomUUID } from "node:crypto";

export async function track(name, distinctId, properties = {}) {
  const response = await fetch("${url}", {
    method: "POST",
    headers: { "X-API-Key": "${key}", "Content-Type": "application/json" },
    body: JSON.stringify({
      event_id: randomUUID(),
      event_name: name,
      distinct_id: distinctId,
      properties,
    }),
  });
  if (!response.ok) throw new Error(await response.text());
}

await track("order_paid", "user-42", { revenue: 49, currency: "EUR" });`,
  );
}

function python(target: Target): string {
  return json(
    target,
    (url, key) => `import json
import urllib.request
import uuid


def track(name, distinct_id, **properties):
    event = {
        "event_id": str(uuid.uuid4()),
        "event_name": name,
        "distinct_id": distinct_id,
        "properties": properties,
    }
    request = urllib.request.Request(
        "${url}",
        data=json.dumps(event).encode(),
        headers={"X-API-Key": "${key}", "Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=10).close()


track("order_paid", "user-42", revenue=49, currency="EUR")`,
  );
}

function unity(target: Target): string {
  return json(
    target,
    (url, key) => `using System.Collections;
using System.Text;
using UnityEngine;
using UnityEngine.Networking;

public class Tidemark : MonoBehaviour
{
    public void Track(string name, string propertiesJson = "{}")
    {
        StartCoroutine(Send(name, propertiesJson));
    }

    private IEnumerator Send(string name, string propertiesJson)
    {
        string id = System.Guid.NewGuid().ToString();
        string user = SystemInfo.deviceUniqueIdentifier;
        string body = "{\\"event_id\\":\\"" + id + "\\",\\"event_name\\":\\"" + name
            + "\\",\\"distinct_id\\":\\"" + user + "\\",\\"source\\":\\"unity\\",\\"app_version\\":\\""
            + Application.version + "\\",\\"properties\\":" + propertiesJson + "}";
        using (var request = new UnityWebRequest("${url}", "POST"))
        {
            request.uploadHandler = new UploadHandlerRaw(Encoding.UTF8.GetBytes(body));
            request.downloadHandler = new DownloadHandlerBuffer();
            request.SetRequestHeader("Content-Type", "application/json");
            request.SetRequestHeader("X-API-Key", "${key}");
            yield return request.SendWebRequest();
        }
    }
}`,
  );
}

function godot(target: Target): string {
  return json(
    target,
    (url, key) => `extends Node

func track(event_name: String, properties: Dictionary = {}) -> void:
    var request := HTTPRequest.new()
    add_child(request)
    request.request_completed.connect(func(_a, _b, _c, _d): request.queue_free())
    var event := {
        "event_name": event_name,
        "distinct_id": OS.get_unique_id(),
        "source": "godot",
        "properties": properties,
    }
    var headers := ["Content-Type: application/json", "X-API-Key: ${key}"]
    request.request("${url}", headers, HTTPClient.METHOD_POST, JSON.stringify(event))`,
  );
}

function csharp(target: Target): string {
  return json(
    target,
    (url, key) => `using System.Net.Http.Json;

var http = new HttpClient();
http.DefaultRequestHeaders.Add("X-API-Key", "${key}");

var response = await http.PostAsJsonAsync("${url}", new
{
    event_id = Guid.NewGuid(),
    event_name = "level_completed",
    distinct_id = "user-42",
    properties = new { level = 3 },
});
response.EnsureSuccessStatusCode();`,
  );
}

function next(target: Target): string {
  return `import Script from "next/script";

export default function RootLayout({ children }) {
  return (
    <html>
      <body>
        {children}
        <Script id="tidemark-queue" strategy="beforeInteractive">
          {"window.tidemark = window.tidemark || [];"}
        </Script>
        <Script src="${target.origin}/static/sdk/sdk.min.js" data-project="${target.publicKey}" />
      </body>
    </html>
  );
}`;
}

const GA_SHIM = `<script>
  function gtag(command, name, parameters) {
    if (command === "event") tidemark.push(["event", name, parameters]);
    if (command === "set" && name === "user_id") tidemark.push(["identify", parameters]);
  }
</script>`;

/** What to paste, in order. */
export function snippetsOf(platform: Platform, target: Target): Snippet[] {
  const { origin, publicKey } = target;
  const load = { label: steps.load, code: scriptTag(target), note: notes.async };
  const track = { label: steps.track, code: TRACK, note: notes.pageViews };
  const identify = { label: steps.identify, code: IDENTIFY };
  const inComponent = `<button onClick={() => window.tidemark.push(["event", "signup_clicked"])}>`;
  const send = (code: string) => [{ label: steps.send, code, note: notes.eventId }];
  const component = (code: string, call: string) => [
    { label: steps.component, code },
    { label: steps.call, code: call },
  ];
  switch (platform) {
    case "html":
      return [load, track, identify];
    case "react":
      return [{ ...load, label: steps.loadReact }, { label: steps.trackReact, code: inComponent, note: notes.pageViews }, identify];
    case "next":
      return [{ label: steps.loadNext, code: next(target) }, { label: steps.trackReact, code: inComponent, note: notes.pageViews }, identify];
    case "vue":
      return [
        { ...load, label: steps.loadReact },
        { label: steps.trackReact, code: `window.tidemark.push(["event", "signup_clicked", { plan: "pro" }]);`, note: notes.pageViews },
        identify,
      ];
    case "node":
      return send(node(target));
    case "python":
      return send(python(target));
    case "unity":
      return component(unity(target), `tidemark.Track("level_completed", "{\\"level\\": 3}");`);
    case "godot":
      return component(godot(target), `Tidemark.track("level_completed", {"level": 3})`);
    case "csharp":
      return send(csharp(target));
    case "curl":
      return [{ label: steps.sendOne, code: curlCommand(target) }];
    case "posthog":
      return [
        { label: steps.script, code: `posthog.init("${publicKey}", { api_host: "${origin}" });`, note: notes.sdkStays },
        { label: steps.server, code: `posthog = Posthog("${publicKey}", host="${origin}")` },
      ];
    case "segment":
      return [
        {
          label: steps.script,
          code: `AnalyticsBrowser.load(
  { writeKey: "${publicKey}", cdnURL: "${origin}" },
  { integrations: { "Segment.io": { apiHost: "${origin.replace(/^https?:\/\//, "")}/v1" } } },
);`,
          note: notes.sdkStays,
        },
        { label: steps.server, code: `new Analytics({ writeKey: "${publicKey}", host: "${origin}" });` },
      ];
    case "ga":
      return [{ ...load, note: notes.ga }, { label: steps.keepGa, code: GA_SHIM }, identify];
  }
}

/** Platforms whose code runs where its owner alone sees it, so that it may have a secret key. */
export const SERVERS: readonly Platform[] = ["node", "python", "csharp"];
