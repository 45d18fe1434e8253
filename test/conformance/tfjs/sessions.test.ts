import { openTfjsExecutor } from '@trainyard/executor-tfjs';
import { describeSessions } from '../describeSessions.js';

describeSessions('tfjs', () => openTfjsExecutor({ backend: 'cpu' }));
