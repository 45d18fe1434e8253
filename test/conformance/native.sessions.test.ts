import { openNativeExecutor } from '@trainyard/executor-native';
import { describeSessions } from './sessions.js';

describeSessions('native', () => openNativeExecutor());
