// The console: one page that speaks to both doors of the bridge it comes from.

import { render } from 'preact';
import './console.css';
import { readPage } from './page';
import { paint, readTheme } from './theme';
import { App } from './ui/app';

paint(readTheme());
const place = document.getElementById('console');
if (place !== null) render(<App about={readPage()} />, place);
