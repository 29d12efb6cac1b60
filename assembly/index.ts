export { solve, solveScratch, substitute, substituteBackward, substituteForward } from './cholesky';
export { averageDistances, nearestClusters, nearestVectors } from './cluster-distances';
export {
  deepCurvature,
  deepCurvatureScratch,
  deepGradient,
  deepGradientScratch,
  deepLinearise,
  deepLoss,
  deepNormalScratch,
} from './deep';
export { distances } from './distances';
export { inverseDiagonal, inverseScratch, readInverses } from './inverse';
export { averageLinkage, mirror } from './linkage';
export { keepPass, matrixFreeScratch, multiplyNormal, neuronNormals, storeBytes } from './matrix-free';
export { explainedByNeurons, neuronOutputs } from './neurons';
export { linearise, normalScratch } from './normal';
export { packPanels, panelBytes, readDiagonal, scalePanels, unpackPanels } from './panels';
export { gradientScratch, loss, lossAndGradient } from './shallow';
export { singleGradient, singleLoss, singleScratch } from './single';

// Called from within only; exported to stay functions of their own (see update-tile.ts). Of activations there is nothing
// else to export.
export * from './activations';
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
  singleDots11,
  singleDots12,
  singleDots13,
  singleDots14,
  singleDots15,
  singleDots16,
  singleDots21,
  singleDots22,
  singleDots23,
  singleDots31,
  singleDots32,
  singleDots33,
} from './dots-tile';
export {
  productTile1,
  productTile2,
  productTile3,
  productTile4,
  productTile5,
  productTile6,
  singleProduct1,
  singleProduct2,
  singleProduct3,
  singleProduct4,
  singleProduct5,
  singleProduct6,
} from './product-tile';
export * from './single-activations';
export {
  updateTile1,
  updateTile2,
  updateTile3,
  updateTile4,
  updateTile5,
  updateTile6,
  singleUpdate1,
  singleUpdate2,
  singleUpdate3,
  singleUpdate4,
  singleUpdate5,
  singleUpdate6,
} from './update-tile';

/** Where the host may start to place data. */
export function heapBase(): usize {
  return __heap_base;
}
