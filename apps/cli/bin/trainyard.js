#!/usr/bin/env node
import { startWhereSupported } from '@trainyard/process/requirements';

const kind = process.argv.includes('up') ? 'service' : 'command';
await startWhereSupported(kind, () => import('../dist/main.js'));
