/** The language of the dashboard, for numbers and dates too (BCP 47). */
export const LOCALE = "en";

/** Weeks begin on Monday, as the intervals of the reports do. */
export const FIRST_DAY_OF_WEEK = 1;
