// How the states of an agreement are coloured; the word beside the colour says the same.
import type { Tone } from "../../ui/badge.tsx";

export const statusTone: { readonly [status: string]: Tone } = {
  "in-force": "good",
  suspended: "warn",
  "not-in-force": "neutral",
  unknown: "warn",
};

export const verifiedTone: { readonly [verified: string]: Tone } = {
  verified: "good",
  part: "warn",
  unverified: "warn",
  reference: "neutral",
};
