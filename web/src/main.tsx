import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { noteAct } from "./api/client.ts";
import { queryClient } from "./api/queries.ts";
import { App } from "./app/app.tsx";
import { SessionProvider } from "./app/session.tsx";
import "./ui/base.css";
import "./ui/parts.css";
import "./app/shell.css";

for (const kind of ["pointerdown", "keydown", "wheel"])
  addEventListener(kind, noteAct, { capture: true, passive: true });

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <SessionProvider>
          <App />
        </SessionProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
