/** The language of the dashboard, for numbers and dates too (BCP 47). */
export const LOCALE = "en";
