"""Average linkage by SciPy, from vectors to the tree."""

import numpy as np
import scipy
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist
from serve import peak_bytes, serve, spread


def prepare(request):
    count, dimension = request['count'], request['dimension']
    index = np.arange(count * dimension, dtype=float)
    vectors = (spread(count * dimension, 1) + np.sin(index**2)).reshape(count, dimension)
    if request['what'] == 'memory':
        before = peak_bytes()
        tree = linkage(pdist(vectors), method='average')
        return None, {'bytes': peak_bytes() - before, 'height': tree[-1, 2]}
    return lambda: linkage(pdist(vectors), method='average'), {}


serve(f'SciPy {scipy.__version__}', prepare)
