import { openTfjsExecutor } from '@trainyard/executor-tfjs';
import { describeSessions } from './sessions.js';

describeSessions('tfjs', () => openTfjsExecutor({ backend: 'cpu' }));
