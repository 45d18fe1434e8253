import { openNativeExecutor } from '@trainyard/executor-native';
import { describeOps } from '../describeOps.js';

describeOps('native', () => openNativeExecutor());
