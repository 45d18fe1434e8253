import { startWhereSupported } from '@trainyard/process/requirements';

await startWhereSupported('service', () => import('./start.js'));
