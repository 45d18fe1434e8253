import { openNativeExecutor } from '@trainyard/executor-native';
import { describeTraining } from './training.js';

describeTraining('native', () => openNativeExecutor());
