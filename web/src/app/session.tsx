// Who is signed in. One answer of the node for all pages; null when nobody is.
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import {
  ApiError,
  forget,
  get,
  onSessionEnded,
  post,
  put,
  remove,
  setCsrf,
} from "../api/client.ts";
import type { Session } from "../api/types.ts";
import type { Language } from "../i18n/catalogue.ts";

interface SessionState {
  // undefined while the node has not answered yet.
  session: Session | null | undefined;
  // Why there is none: "ended" after one that there was; an error when the node did not answer.
  ended: boolean;
  failure: unknown;
  signIn: (account: string, password: string, code: string) => Promise<Session>;
  signOut: () => Promise<void>;
  // Asks the node again, which also keeps the session alive.
  renew: () => Promise<void>;
  prefer: (language: Language) => Promise<void>;
}

const SessionContext = createContext<SessionState | null>(null);

export function useSessionState(): SessionState {
  const state = useContext(SessionContext);
  if (!state) throw new Error("useSessionState outside of SessionProvider");
  return state;
}

// The session on pages that only somebody signed in sees.
export function useSession(): Session {
  const { session } = useSessionState();
  if (!session) throw new Error("useSession without a session");
  return session;
}

export function SessionProvider(props: { children: ReactNode }) {
  const client = useQueryClient();
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  const [ended, setEnded] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);

  const state = useMemo<SessionState>(() => {
    const take = (next: Session | null) => {
      setFailure(null);
      if (next) setCsrf(next.csrf);
      else {
        forget();
        client.clear();
      }
      setSession(next);
      return next;
    };
    const read = async () => {
      try {
        take(await get<Session>("/session"));
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) {
          // Whoever was signed in a moment ago should know why they are not.
          setSession((before) => {
            if (before) setEnded(true);
            return before;
          });
          take(null);
        } else setFailure(error);
      }
    };
    return {
      session: undefined,
      ended: false,
      failure: null,
      signIn: async (account, password, code) => {
        const next = await post<Session>("/session", { account, password, code });
        setEnded(false);
        take(next);
        return next;
      },
      signOut: async () => {
        // Also when the node does not answer or has ended it by itself, nothing stays here.
        await remove("/session").catch(() => {});
        setEnded(false);
        take(null);
      },
      renew: read,
      prefer: async (language) => {
        take(await put<Session>("/session/preferences", { language }));
      },
    };
  }, [client]);

  useEffect(() => {
    void state.renew();
    return onSessionEnded(() => {
      forget();
      client.clear();
      setEnded(true);
      setSession(null);
    });
  }, [client, state]);

  const value = useMemo(
    () => ({ ...state, session, ended, failure }),
    [state, session, ended, failure],
  );
  return <SessionContext value={value}>{props.children}</SessionContext>;
}
