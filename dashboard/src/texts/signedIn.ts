import { en } from "./en";
import { t } from ".";

// Loaded before the shell: see App.tsx.
Object.assign(t, en);
