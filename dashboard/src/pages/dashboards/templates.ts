import type { TileWidth } from "../../api/insights/dashboards";
import type { InsightKind } from "../../api/insights/insights";
import { t } from "../../texts";

const { templates: texts } = t.dashboards;

export type TemplateName = keyof typeof texts.names;

/** An event that a template asks for: what it is, and what it is often called. */
export interface TemplateEvent {
  key: keyof typeof texts.events;
  /** Compared without case and separators. */
  names: readonly string[];
}

/** The events that a person has chosen; missing: the project has none like it. */
export type ChosenEvents = Partial<Record<TemplateEvent["key"], string>>;

interface TemplateInsight {
  name: string;
  kind: InsightKind;
  width: TileWidth;
  view?: Record<string, string>;
  /** Events without which it is left out. */
  needs: readonly TemplateEvent["key"][];
  query: (event: (key: TemplateEvent["key"]) => { event: string }) => Record<string, unknown>;
}

/** An insight that is saved for a tile. */
export interface NewInsight {
  name: string;
  kind: InsightKind;
  query: Record<string, unknown>;
  view: Record<string, string>;
}

type TemplateTile = { text: string } | TemplateInsight;

interface Template {
  events: readonly TemplateEvent[];
  tiles: readonly TemplateTile[];
}

const EVENTS = {
  view: { key: "view", names: ["page_view", "$pageview", "pageview", "page_viewed"] },
  signUp: { key: "signUp", names: ["signed_up", "sign_up", "signup", "user_signed_up", "registered", "account_created"] },
  activation: { key: "activation", names: ["report_created", "project_created", "onboarding_completed", "activated", "first_action"] },
  subscription: { key: "subscription", names: ["subscription_started", "subscribed", "upgraded", "plan_upgraded"] },
  cancellation: { key: "cancellation", names: ["subscription_cancelled", "subscription_canceled", "cancelled", "churned"] },
  cart: { key: "cart", names: ["add_to_cart", "added_to_cart", "product_added"] },
  checkout: { key: "checkout", names: ["checkout_started", "begin_checkout", "checkout"] },
  purchase: { key: "purchase", names: ["purchase", "order_completed", "purchased", "order_placed"] },
  level: { key: "level", names: ["level_completed", "level_complete", "level_up", "progression"] },
  payment: { key: "payment", names: ["purchase", "in_app_purchase", "iap", "business", "payment"] },
} as const satisfies Record<string, TemplateEvent>;

type Selector = ReturnType<Parameters<TemplateInsight["query"]>[0]>;
const RANGE = { period: "30d" };
const usersOf = (selector: Selector | { event: null }) => ({ ...selector, metric: "unique_persons" });
const ANY = { event: null };

const ACTIVE: TemplateInsight = {
  name: texts.insights.active, kind: "trends", width: 12, needs: [], query: () => ({ ...RANGE, series: [usersOf(ANY)] }),
};
const COUNTRIES: TemplateInsight = {
  name: texts.insights.countries, kind: "trends", width: 6, view: { chart: "bars" }, needs: [],
  query: () => ({ ...RANGE, series: [usersOf(ANY)], breakdown: { property: "country" } }),
};
const RETENTION: TemplateInsight = { name: texts.insights.retention, kind: "retention", width: 12, needs: [], query: () => ({ ...RANGE, interval: "week" }) };
const LIFECYCLE: TemplateInsight = { name: texts.insights.lifecycle, kind: "lifecycle", width: 6, needs: [], query: () => RANGE };

function usersWith(key: TemplateEvent["key"], name: string): TemplateInsight {
  return { name, kind: "trends", width: 6, needs: [key], query: (event) => ({ ...RANGE, series: [usersOf(event(key))] }) };
}

function countOf(key: TemplateEvent["key"], name: string): TemplateInsight {
  return { name, kind: "trends", width: 6, needs: [key], query: (event) => ({ ...RANGE, series: [{ ...event(key), metric: "count" }] }) };
}

function funnelOf(keys: readonly TemplateEvent["key"][], name: string): TemplateInsight {
  return { name, kind: "funnel", width: 12, needs: keys, query: (event) => ({ ...RANGE, steps: keys.map(event) }) };
}

/** Dashboards to start from. */
export const TEMPLATES: Record<TemplateName, Template> = {
  shop: {
    events: [EVENTS.view, EVENTS.cart, EVENTS.checkout, EVENTS.purchase],
    tiles: [
      { text: texts.intros.shop }, ACTIVE, funnelOf(["view", "cart", "purchase"], texts.insights.shopFunnel),
      funnelOf(["checkout", "purchase"], texts.insights.checkoutFunnel), usersWith("purchase", texts.insights.buyers),
      countOf("purchase", texts.insights.orders), COUNTRIES,
    ],
  },
  saas: {
    events: [EVENTS.signUp, EVENTS.activation, EVENTS.subscription, EVENTS.cancellation],
    tiles: [
      { text: texts.intros.saas }, ACTIVE, funnelOf(["signUp", "activation"], texts.insights.activationFunnel),
      funnelOf(["signUp", "subscription"], texts.insights.payingFunnel), countOf("signUp", texts.insights.signUps),
      countOf("subscription", texts.insights.subscriptions), countOf("cancellation", texts.insights.cancellations), RETENTION,
    ],
  },
  game: {
    events: [EVENTS.level, EVENTS.payment],
    tiles: [
      { text: texts.intros.game }, ACTIVE, RETENTION, LIFECYCLE, countOf("level", texts.insights.levels),
      usersWith("payment", texts.insights.payers), COUNTRIES,
    ],
  },
  website: {
    events: [EVENTS.view, EVENTS.signUp],
    tiles: [
      { text: texts.intros.website }, ACTIVE, countOf("view", texts.insights.views),
      {
        name: texts.insights.pages, kind: "trends", width: 6, view: { chart: "bars" }, needs: ["view"],
        query: (event) => ({ ...RANGE, series: [{ ...event("view"), metric: "count" }], breakdown: { property: "page_path" } }),
      },
      funnelOf(["view", "signUp"], texts.insights.signUpFunnel), COUNTRIES, LIFECYCLE,
    ],
  },
};

/** The events of a project that are called like those of a template. */
export function matchEvents({ events }: Pick<Template, "events">, names: readonly string[]): ChosenEvents {
  const byName = new Map(names.map((name) => [plain(name), name]));
  return Object.fromEntries(
    events.flatMap(({ key, names: usual }) => {
      const found = usual.map((name) => byName.get(plain(name))).find((name) => name !== undefined);
      return found === undefined ? [] : [[key, found]];
    }),
  );
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** A tile that a template makes: a text, or an insight to save. */
export type PlannedTile = { text: string } | { width: TileWidth; insight: NewInsight };

/** The tiles of a template whose events are there. */
export function planTiles({ tiles }: Pick<Template, "tiles">, chosen: ChosenEvents): PlannedTile[] {
  return tiles.flatMap((tile): PlannedTile[] => {
    if ("text" in tile) return [tile];
    if (tile.needs.some((key) => !chosen[key])) return [];
    const { name, kind, width, view = {} } = tile;
    return [{ width, insight: { name, kind, view, query: tile.query((key) => ({ event: chosen[key] ?? "" })) } }];
  });
}

/** How many insights of a template are left out, because an event is missing. */
export function leftOut(template: Template, chosen: ChosenEvents): number {
  return template.tiles.length - planTiles(template, chosen).length;
}
