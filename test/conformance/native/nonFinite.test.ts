import { openNativeExecutor } from '@trainyard/executor-native';
import { describeNaNWeights } from '../describeNaNWeights.js';
import { describeNonFinite } from '../describeNonFinite.js';

describeNonFinite('native', () => openNativeExecutor());
describeNaNWeights('native', () => openNativeExecutor());
