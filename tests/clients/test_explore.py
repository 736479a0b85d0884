import gzip, json, msgspec
from tests.clients.faults import failing_network
from tests.clients.pages import running_site
from tests.e2e.conftest import browser

def test_ph(edge, browser):
    p = edge.project()
    with failing_network(edge.url) as network, running_site() as site:
        page = browser.new_context().new_page()
        page.on("console", lambda m: print("CONSOLE", m.type, m.text[:300]))
        page.on("pageerror", lambda m: print("ERR", m))
        page.goto(site + "/shop?utm_source=mail&utm_campaign=june")
        page.evaluate("""async ([key, host]) => {
            const { posthog } = await import("/posthog.mjs");
            window.posthog = posthog;
            await new Promise((loaded) => posthog.init(key, { api_host: host, loaded, opt_out_useragent_filter: true }));
        }""", [p.key, network.url])
        page.wait_for_timeout(1500)
        page.evaluate("""() => {
            posthog.capture("opened", { level: 3 });
            posthog.register({ theme: "dark" });
            posthog.identify("u-1", { plan: "pro" }, { first: "mail" });
            posthog.alias("u-1b");
            posthog.group("company", "acme", { seats: 5 });
            posthog.capture("bought");
        }""")
        page.click("#buy b")
        page.wait_for_timeout(4000)
        page.evaluate("""() => { posthog.reset(); posthog.capture("after reset"); }""")
        page.goto(site + "/away")
        page.wait_for_timeout(1500)
        print(network.paths)
        for s in network.sendings: print(s.path, s.headers, len(s.body), s.body[:100], s.answer)
    for b in edge.batches(p):
        print(b.user_agent, b.protocol, b.drops, b.warnings)
        for e in b.events: print({k: v for k, v in msgspec.structs.asdict(e).items() if v is not None})
