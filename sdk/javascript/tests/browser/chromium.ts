import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

const USUAL_PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Starts the installed Chromium or Chrome. Throws with the command that installs one. */
export async function launchChromium(): Promise<Browser> {
  const named = process.env.CHROMIUM;
  const path = named ?? USUAL_PLACES.find((place) => existsSync(place));
  if (!path || !existsSync(path)) {
    throw new Error(
      `The browser tests need Chromium or Chrome${named ? `, and CHROMIUM names ${named}, which is not there` : ""}. ` +
        "On Debian or Ubuntu: apt-get install chromium. Elsewhere set CHROMIUM to the path of its executable.",
    );
  }
  return chromium.launch({
    executablePath: path,
    args: [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // Pages of the address bar, made for each window: most of what a new window takes.
      "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,HttpsUpgrades,ThirdPartyStoragePartitioning",
    ],
  });
}
