import { isCountry } from "../../format/country";
import classes from "./Flag.module.css";

/** The flag of a country, served by us; decoration beside its name. */
export function Flag({ country }: { country: string }) {
  if (!isCountry(country)) return null;
  return (
    <img
      className={classes.flag}
      src={`/assets/flags/${country.toUpperCase()}.svg`}
      alt=""
      width={18}
      height={12}
      loading="lazy"
      onError={(event) => {
        // Codes such as A1 of a geography database are no country.
        event.currentTarget.style.visibility = "hidden";
      }}
    />
  );
}
