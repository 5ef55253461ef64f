"use client";
import { useTheme } from "next-themes";
import { useSyncExternalStore } from "react";
import { IconButton } from "./button.tsx";
import { CheckIcon, MoonIcon, SunIcon, SystemIcon } from "./icons.tsx";
import { Menu } from "./menu.tsx";

const CHOICES = [
  { theme: "system", label: "System", Icon: SystemIcon },
  { theme: "light", label: "Light", Icon: SunIcon },
  { theme: "dark", label: "Dark", Icon: MoonIcon },
];
const subscribeNever = () => () => undefined;

export function ThemeToggle() {
  const { theme, resolvedTheme, setTheme } = useTheme();
  const mounted = useSyncExternalStore(
    subscribeNever,
    () => true,
    () => false,
  );
  const items = CHOICES.map(({ theme: value, label, Icon }) => ({
    label,
    icon: mounted && theme === value ? <CheckIcon /> : <Icon />,
    onSelect: () => setTheme(value),
  }));
  return (
    <Menu items={items}>
      <IconButton label="Theme">
        {mounted && resolvedTheme === "dark" ? <MoonIcon /> : <SunIcon />}
      </IconButton>
    </Menu>
  );
}
