"""Normal equations of a given Jacobian, and Cholesky, by NumPy."""

import numpy as np
from serve import serve, spread


def prepare(request):
    p = request['order']
    if request['what'] == 'normal':
        jacobian = spread(request['count'] * p, 1).reshape(request['count'], p)
        residuals = spread(request['count'], 2)
        return lambda: (jacobian.T @ jacobian, jacobian.T @ residuals), {}
    rows = spread(2 * p * p, 1).reshape(2 * p, p)
    matrix = rows.T @ rows + np.eye(p) * p
    return lambda: np.linalg.cholesky(matrix), {}


serve(f'NumPy {np.__version__}', prepare)
