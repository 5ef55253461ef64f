/** The pages that one can go to from everywhere; `key` follows `g`. */
export const PAGES = [
  { key: "h", href: "/", label: "Home" },
  { key: "r", href: "/runs", label: "Runs" },
  { key: "s", href: "/studies", label: "Studies" },
  { key: "c", href: "/compare", label: "Compare" },
  { key: "m", href: "/models", label: "Models" },
  { key: "t", href: "/tasks", label: "Tasks" },
  { key: "y", href: "/system", label: "System" },
] as const;

export const GO_KEYS: Readonly<Record<string, string | undefined>> = Object.fromEntries(
  PAGES.map(({ key, href }) => [key, href]),
);
