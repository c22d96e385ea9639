// Choices of this browser, kept in local storage. None is a secret; without storage each is
// forgotten with the page.
export type Setting = "theme" | "language" | "clock" | "marks" | "tour";

export function readSetting(name: Setting): string | null {
  try {
    return localStorage.getItem(`comity.${name}`);
  } catch {
    return null;
  }
}

export function writeSetting(name: Setting, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`comity.${name}`);
    else localStorage.setItem(`comity.${name}`, value);
  } catch {
    // Storage is forbidden here; the choice holds until the page is left.
  }
}
