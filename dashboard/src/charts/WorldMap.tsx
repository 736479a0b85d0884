import { Skeleton } from "@mantine/core";
import { useEffect, useState, type CSSProperties } from "react";
import { countryName } from "../format/country";
import { exactNumber } from "../format/numbers";
import { t } from "../texts";
import classes from "./WorldMap.module.css";

interface World {
  width: number;
  height: number;
  /** Outlines by ISO 3166-1 alpha-2 code. */
  countries: Record<string, string>;
}

interface WorldMapProps {
  /** What is shown, in words. */
  label: string;
  /** By ISO 3166-1 alpha-2 code. */
  values: readonly { country: string; value: number }[];
  /** Runs when a country with a value is chosen. */
  onCountry?: ((country: string) => void) | undefined;
}

// Loaded once, with the first map.
let loading: Promise<World> | undefined;

function loadWorld(): Promise<World> {
  loading ??= fetch("/assets/world.json").then((response) => {
    if (!response.ok) throw new Error(response.statusText);
    return response.json() as Promise<World>;
  });
  loading.catch(() => {
    loading = undefined;
  });
  return loading;
}

/** Countries in the depth of their values, on a map with true areas. Depth grows with the square root, so that small ones are seen. */
export function WorldMap({ label, values, onCountry }: WorldMapProps) {
  const [world, setWorld] = useState<World | "failed" | null>(null);
  useEffect(() => {
    let isGone = false;
    loadWorld().then(
      (loaded) => {
        if (!isGone) setWorld(loaded);
      },
      () => {
        if (!isGone) setWorld("failed");
      },
    );
    return () => {
      isGone = true;
    };
  }, []);
  if (world === "failed") return <p role="alert">{t.charts.mapNotLoaded}</p>;
  if (world === null) return <Skeleton height={240} role="status" aria-busy="true" aria-label={t.common.loading} />;
  const known = new Map(values.map(({ country, value }) => [country.toUpperCase(), value]));
  const most = Math.max(1, ...known.values());
  const summary = values.map(({ country, value }) => `${countryName(country)} ${exactNumber(value)}`).join(", ");
  return (
    <svg className={classes.map} viewBox={`0 0 ${world.width} ${world.height}`} role="group" aria-label={t.charts.summary(label, summary)}>
      {Object.entries(world.countries).map(([country, outline]) => (
        <Country key={country} country={country} outline={outline} value={known.get(country)} most={most} onCountry={onCountry} />
      ))}
    </svg>
  );
}

interface CountryProps {
  country: string;
  outline: string;
  value: number | undefined;
  most: number;
  onCountry: ((country: string) => void) | undefined;
}

function Country({ country, outline, value, most, onCountry }: CountryProps) {
  const name = value === undefined ? countryName(country) : `${countryName(country)}: ${exactNumber(value)}`;
  const style = { "--depth": Math.sqrt((value ?? 0) / most) } as CSSProperties;
  if (value === undefined || !onCountry) {
    return (
      <path d={outline} className={classes.country} style={style} data-empty={value === undefined}>
        <title>{name}</title>
      </path>
    );
  }
  const choose = () => {
    onCountry(country);
  };
  return (
    <path
      d={outline}
      className={classes.country}
      style={style}
      data-choosable="true"
      role="button"
      tabIndex={0}
      aria-label={name}
      onClick={choose}
      onKeyDown={(event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          choose();
        }
      }}
    >
      <title>{name}</title>
    </path>
  );
}
