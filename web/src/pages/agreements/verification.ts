// The act "verify" as docs/formats/officers.md has it, read out of what the node sends. Pure.

export interface VerificationAct {
  instrument: string;
  clause: string;
  digest: string;
  source: string;
  date: string;
}

export const sourceCharsMax = 500;

// Null for any other act, and for one that lacks something.
export function verificationOf(act: object): VerificationAct | null {
  const {
    type,
    act: name,
    arguments: given,
  } = act as {
    type?: unknown;
    act?: unknown;
    arguments?: unknown;
  };
  if (type !== "comity-act" || name !== "verify" || typeof given !== "object" || given === null)
    return null;
  const found = given as { readonly [member: string]: unknown };
  const out: { [member: string]: string } = {};
  for (const member of ["instrument", "clause", "digest", "source", "date"]) {
    const value = found[member];
    if (typeof value !== "string" || value === "") return null;
    out[member] = value;
  }
  return out as unknown as VerificationAct;
}

// Whether the act is about the very row that is shown: an officer signs what they read, not what stands under its
// name by now.
export function isAbout(
  act: object,
  agreement: string,
  clause: { id: string; digest: string },
): boolean {
  const found = verificationOf(act);
  return (
    found !== null &&
    found.instrument === agreement &&
    found.clause === clause.id &&
    found.digest === clause.digest
  );
}
