import { openNativeExecutor } from '@trainyard/executor-native';
import { describeSessions } from '../describeSessions.js';

describeSessions('native', () => openNativeExecutor());
