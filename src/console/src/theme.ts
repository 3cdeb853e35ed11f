// Light or dark: as the system has it, unless somebody says otherwise; the one thing that is remembered.

export type Theme = 'system' | 'light' | 'dark';

const NAME = 'diptych-theme';

export function readTheme(): Theme {
  try {
    const kept = localStorage.getItem(NAME);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  } catch {
    // A browser may refuse to remember anything.
    return 'system';
  }
}

export function paint(theme: Theme): void {
  document.documentElement.style.colorScheme = theme === 'system' ? 'light dark' : theme;
}

export function choose(theme: Theme): void {
  paint(theme);
  try {
    localStorage.setItem(NAME, theme);
  } catch {
    // It lasts as long as the page.
  }
}
