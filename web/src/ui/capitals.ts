// The time zone of a party's capital (capitals.json, a chunk of its own). Invented parties and
// organisations have none: their officers read UTC.
import { useEffect, useState } from "react";

export function useCapital(party: string | null): string | null {
  const [zone, setZone] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    if (party === null) return;
    import("./capitals.json")
      .then((module) => {
        const zones: { [code: string]: string } = module.default;
        if (current) setZone(zones[party] ?? null);
      })
      .catch(() => {
        // UTC remains.
      });
    return () => {
      current = false;
    };
  }, [party]);
  return zone;
}
