"""Derives the polynomial coefficients of double-math.ts with mpmath (near-minimax fits at 50 digits).

Run `python3 assembly/coefficients.py`; prints each polynomial from the constant upwards with its largest error.
"""

import mpmath as mp

mp.mp.dps = 50


def fit(name, function, low, high, degree):
    coefficients, error = mp.chebyfit(function, [low, high], degree + 1, error=True)
    print(f'{name}: degree {degree}, largest error {mp.nstr(error, 3)}')
    for coefficient in reversed(coefficients):
        print(f'  {mp.nstr(coefficient, 20)},')


# e^r = 1 + r + r^2 q(r) for |r| <= ln(2)/2, a little more for the rounding of the reduction
half = mp.log(2) / 2 * mp.mpf('1.0005')
fit('EXP', lambda r: (mp.expm1(r) - r) / r**2 if abs(r) > 1e-12 else mp.mpf(1) / 2 + r / 6, -half, half, 9)


# 2 atanh(w) = 2w + w z q(z), z = w^2 <= 1/9
def atanh_rest(z):
    w = mp.sqrt(z)
    return (2 * mp.atanh(w) / w - 2) / z if z > mp.mpf('1e-20') else mp.mpf(2) / 3 + 2 * z / 5


fit('ATANH', atanh_rest, 0, mp.mpf(1) / 9, 9)


# (1 + 2x) e^(x^2) erfc(x) for 0 <= x < infinity, in t = (x - k) / (x + k)
def scaled_erfc(t, k=mp.mpf('3.75')):
    if t >= 1:
        return 2 / mp.sqrt(mp.pi)
    x = k * (1 + t) / (1 - t)
    if x < 50:
        return (1 + 2 * x) * mp.exp(x * x) * mp.erfc(x)
    term, total = mp.mpf(1), mp.mpf(1)
    for i in range(1, 20):
        term *= -(2 * i - 1) / (2 * x * x)
        total += term
    return (1 + 2 * x) * total / (x * mp.sqrt(mp.pi))


fit('ERFC', scaled_erfc, -1, 1, 22)


# erf(x) = x q(x^2) for |x| <= 0.5
def erf_ratio(z):
    x = mp.sqrt(z)
    return mp.erf(x) / x if z > mp.mpf('1e-20') else 2 / mp.sqrt(mp.pi) * (1 - z / 3)


fit('ERF', erf_ratio, 0, mp.mpf(1) / 4, 8)


# atan(t) = t + t z q(z), z = t^2, |t| <= tan(pi / 8)
def atan_rest(z):
    t = mp.sqrt(z)
    return (mp.atan(t) / t - 1) / z if z > mp.mpf('1e-20') else -mp.mpf(1) / 3 + z / 5


fit('ATAN', atan_rest, 0, mp.tan(mp.pi / 8) ** 2, 9)


# sin(r) = r + r z q(z) and cos(r) = 1 - z / 2 + z^2 q(z), z = r^2, |r| <= pi / 4
def sin_rest(z):
    r = mp.sqrt(z)
    return (mp.sin(r) / r - 1) / z if z > mp.mpf('1e-20') else -mp.mpf(1) / 6 + z / 120


def cos_rest(z):
    r = mp.sqrt(z)
    return (mp.cos(r) - 1 + z / 2) / z**2 if z > mp.mpf('1e-20') else mp.mpf(1) / 24 - z / 720


quarter = (mp.pi / 4) ** 2 * mp.mpf('1.0005')
fit('SIN', sin_rest, 0, quarter, 5)
fit('COS', cos_rest, 0, quarter, 5)


# the same in float32, for single-math.ts
fit('EXP', lambda r: (mp.expm1(r) - r) / r**2 if abs(r) > 1e-12 else mp.mpf(1) / 2 + r / 6, -half, half, 4)
fit('ATANH', atanh_rest, 0, mp.mpf(1) / 9, 3)
fit('ERFC', scaled_erfc, -1, 1, 11)
fit('ERF', erf_ratio, 0, mp.mpf(1) / 4, 4)
fit('SIN', sin_rest, 0, quarter, 2)
fit('COS', cos_rest, 0, quarter, 2)
fit('ATAN', atan_rest, 0, mp.tan(mp.pi / 8) ** 2, 3)
