// What is said aloud and shown for a while: results of what somebody did, changes of page.
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useMemo,
  useRef,
  useState,
} from "react";
import { Text, useT } from "../i18n/text.tsx";

interface Notice {
  id: number;
  text: string;
  tone: "good" | "bad" | "info";
}

interface Live {
  // Read out by a screen reader, shown to nobody.
  announce: (text: string) => void;
  // Shown at the edge of the page and read out; stays until it is closed or 8 seconds passed.
  notify: (text: string, tone?: Notice["tone"]) => void;
}

const LiveContext = createContext<Live>({ announce: () => {}, notify: () => {} });
const noticesMax = 4;
const noticeMs = 8_000;

export function useLive(): Live {
  return useContext(LiveContext);
}

export function LiveProvider(props: { children: ReactNode }) {
  const t = useT();
  const [said, setSaid] = useState("");
  const [notices, setNotices] = useState<Notice[]>([]);
  const next = useRef(1);
  const close = useCallback(
    (id: number) => setNotices((list) => list.filter((notice) => notice.id !== id)),
    [],
  );
  const live = useMemo<Live>(
    () => ({
      announce: (text) => {
        // The same text twice would be no change and not be read: empty it first.
        setSaid("");
        setTimeout(() => setSaid(text), 50);
      },
      notify: (text, tone = "good") => {
        const id = next.current++;
        setNotices((list) => [...list.slice(1 - noticesMax), { id, text, tone }]);
        // What went wrong stays until somebody has closed it.
        if (tone !== "bad") setTimeout(() => close(id), noticeMs);
      },
    }),
    [close],
  );
  return (
    <LiveContext value={live}>
      {props.children}
      <div className="visually-hidden" aria-live="polite" aria-atomic="true">
        {said}
      </div>
      <section className="notices" aria-live="polite" aria-label={t("page.notices")}>
        {notices.map((notice) => (
          <div key={notice.id} className={`notice notice-${notice.tone}`}>
            <span>{notice.text}</span>
            <button type="button" className="notice-close" onClick={() => close(notice.id)}>
              <span aria-hidden="true">×</span>
              <span className="visually-hidden">
                <Text k="page.close" />
              </span>
            </button>
          </div>
        ))}
      </section>
    </LiveContext>
  );
}
