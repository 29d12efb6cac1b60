export { factorScratch, solveDamped, solvePanels } from './cholesky';
export { averageDistances, nearestClusters, nearestVectors } from './cluster-distances';
export { deepGradient, deepGradientScratch, deepLinearise, deepLoss, deepNormalScratch } from './deep';
export { distances } from './distances';
export { averageLinkage, mirror } from './linkage';
export { linearise, normalScratch } from './normal';
export { packPanels, panelBytes, readDiagonal, unpackPanels } from './panels';
export { gradientScratch, loss, lossAndGradient } from './shallow';

// Called from within only; exported to stay functions of their own (see update-tile.ts).
export {
  eluRows,
  erfRows,
  geluRows,
  gRows,
  leakyReluRows,
  reluRows,
  sigmoidRows,
  siluRows,
  softplusRows,
  tanhRows,
} from './activations';
export {
  dotsTile11,
  dotsTile12,
  dotsTile13,
  dotsTile14,
  dotsTile15,
  dotsTile16,
  dotsTile21,
  dotsTile22,
  dotsTile23,
  dotsTile31,
  dotsTile32,
  dotsTile33,
} from './dots-tile';
export {
  productTile1,
  productTile2,
  productTile3,
  productTile4,
  productTile5,
  productTile6,
} from './product-tile';
export { updateTile1, updateTile2, updateTile3, updateTile4, updateTile5, updateTile6 } from './update-tile';

/** Where the host may start to place data. */
export function heapBase(): usize {
  return __heap_base;
}
