/** The server's name for all values of a breakdown that are not reported individually. */
// eslint-disable-next-line local/no-literal-text -- a value of the API
export const OTHER = "Other";
