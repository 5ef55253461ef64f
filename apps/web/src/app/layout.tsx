import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { GraphqlProvider } from "@/graphql/provider.tsx";
import { PageActions } from "@/state/page-actions.tsx";
import { AppHeader } from "@/ui/app-header.tsx";
import { Shortcuts } from "@/ui/shortcuts.tsx";
import { ThemeProvider } from "@/ui/theme-provider.tsx";
import { TipLayer } from "@/ui/tip-layer.tsx";
import "./globals.css";

export const metadata: Metadata = {
  title: "Recallscope",
  description: "Shows how language models recall facts, head by head and layer by layer.",
};
export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f5f6f7" },
    { media: "(prefers-color-scheme: dark)", color: "#0d1013" },
  ],
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning>
      <body>
        <ThemeProvider>
          <GraphqlProvider>
            <PageActions>
              <a
                href="#main"
                className="absolute top-2 left-2 z-50 -translate-y-16 rounded bg-ink px-3 py-1 text-paper focus:translate-y-0"
              >
                Skip to content
              </a>
              <AppHeader />
              <main id="main" className="mx-auto max-w-[1440px] px-8 pt-8 pb-24">
                {children}
              </main>
              <Shortcuts />
              <TipLayer />
            </PageActions>
          </GraphqlProvider>
        </ThemeProvider>
      </body>
    </html>
  );
}
