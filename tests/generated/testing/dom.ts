/** Puts a page's globals in place; `node --import` loads it before React looks for them. */
import { Window } from 'happy-dom'

const window = new Window({ url: 'http://localhost/' })
// Node's own fetch stays: it is what speaks to the server.
const names = ['document', 'navigator', 'Node', 'Element', 'HTMLElement', 'HTMLIFrameElement', 'MutationObserver'] as const
const page = { window, ...Object.fromEntries(names.map((name) => [name, window[name]])) }
for (const [name, value] of Object.entries(page)) {
  Object.defineProperty(globalThis, name, { value, configurable: true })
}
