"use client";
import { usePathname } from "next/navigation";
import { ButtonLink, IconButton } from "./button.tsx";
import { cx } from "./class-names.ts";
import { HelpIcon, PlusIcon, SearchIcon } from "./icons.tsx";
import { Link } from "./link.tsx";
import { Wordmark } from "./logo.tsx";
import { PAGES } from "./pages.ts";
import { SHOW_PALETTE, SHOW_SHORTCUTS } from "./shortcuts.tsx";
import { ThemeToggle } from "./theme-toggle.tsx";

export function AppHeader() {
  const path = usePathname();
  return (
    <header className="sticky top-0 z-30 border-b border-line bg-paper/90 backdrop-blur-md">
      <div className="mx-auto flex h-13 max-w-[1440px] items-center gap-8 px-8">
        <Link href="/" aria-label="Recallscope, home" className="flex items-center">
          <Wordmark />
        </Link>
        <nav aria-label="Main" className="flex h-full gap-1">
          {PAGES.filter(({ href }) => href !== "/").map(({ href, label }) => {
            // Saved comparisons belong to Compare.
            const here = path === "/comparisons" ? "/compare" : path;
            const current = here === href || here.startsWith(`${href}/`);
            return (
              <Link
                key={href}
                href={href}
                aria-current={current ? "page" : undefined}
                className={cx(
                  "relative flex items-center px-2.5 text-sm transition-colors",
                  current
                    ? "font-medium text-ink after:absolute after:inset-x-2.5 after:-bottom-px after:h-0.5 after:bg-ink"
                    : "text-ink-2 hover:text-ink",
                )}
              >
                {label}
              </Link>
            );
          })}
        </nav>
        <div className="ml-auto flex items-center gap-1.5">
          <IconButton
            label="Command palette (Ctrl K)"
            onClick={() => document.dispatchEvent(new CustomEvent(SHOW_PALETTE))}
          >
            <SearchIcon />
          </IconButton>
          <IconButton
            label="Keyboard shortcuts"
            onClick={() => document.dispatchEvent(new CustomEvent(SHOW_SHORTCUTS))}
          >
            <HelpIcon />
          </IconButton>
          <ThemeToggle />
          <ButtonLink href="/runs/new" look="primary" className="ml-2">
            <PlusIcon /> New run
          </ButtonLink>
        </div>
      </div>
    </header>
  );
}
