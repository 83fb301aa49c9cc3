import { Cell } from "./cell";

export type Theme = "system" | "light" | "dark";

const KEPT = "crossdock:theme";
const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };

function kept(): Theme {
  const found = localStorage.getItem(KEPT);
  return found === "light" || found === "dark" ? found : "system";
}

export const theme = new Cell<Theme>(kept());

function show(): void {
  if (theme.value === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
}

theme.listen(show);
show();

export function nextTheme(): void {
  theme.value = NEXT[theme.value];
  if (theme.value === "system") localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, theme.value);
}
