import { openNativeExecutor } from '@trainyard/executor-native';
import { describeTraining } from '../describeTraining.js';

describeTraining('native', () => openNativeExecutor());
