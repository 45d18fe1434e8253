import { openNativeExecutor } from '@trainyard/executor-native';
import { describeOps } from './ops.js';

describeOps('native', () => openNativeExecutor());
