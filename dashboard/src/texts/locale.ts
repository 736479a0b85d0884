import { LANGUAGE } from "./language";

/** The locale of numbers and dates (BCP 47): the language of the texts beside them. */
export const LOCALE: string = LANGUAGE;

/** Weeks begin on Monday, as the intervals of the reports do. */
export const FIRST_DAY_OF_WEEK = 1;
