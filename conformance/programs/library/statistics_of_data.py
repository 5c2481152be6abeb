"""statistics: averages, spread, relations, NormalDist, with ints, floats, fractions, and what is refused."""
from fractions import Fraction as F
import statistics as st


def attempt(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


data = [1, 2, 2, 3, 4, 7, 9]
for name in ("mean", "fmean", "geometric_mean", "harmonic_mean", "median", "median_low", "median_high", "median_grouped", "mode", "multimode", "pstdev", "pvariance", "stdev", "variance"):
    f = getattr(st, name)
    print(name, f(data), f([1.5, 2.5, 2.5, 2.75]), end=" ")
    attempt(lambda: f([F(1, 3), F(2, 3), F(2, 3)]))
print(st.mean(map(int, "123")), st.mean([1e308, 1e308]), st.mean([F(1, 3), 1]), type(st.mean([1, 2])).__name__, type(st.mean([1, 3])).__name__, st.fmean([1, 2, 3], weights=[3, 0, 1]), st.harmonic_mean([40, 60], weights=[5, 30]))
print(st.mode("aabbb"), st.mode(["x", "y"]), st.multimode("aabbc"), st.multimode([]), st.median(["b", "a", "c"]), st.median_low("ab"), st.median_grouped([1, 3, 3, 5, 7], interval=2))
print(st.variance([1, 2, 3], xbar=2), st.pvariance([1, 2, 3], mu=2), st.pstdev([5]), st.quantiles(range(1, 10), n=4), st.quantiles([1, 2, 3], n=3, method="inclusive"))
x, y = [1, 2, 3, 4, 5], [2, 4, 6, 8, 11]
print(st.covariance(x, y), st.correlation(x, y), st.correlation(x, y, method="ranked"), st.linear_regression(x, y), st.linear_regression(x, y, proportional=True))
print(st.kde([1.0, 2.0], h=1)(1.5), st.fmean([0.1] * 10), st.mean([0.1] * 10), st.stdev([1e10, 1e10 + 1, 1e10 + 2]))
for call in (lambda: st.mean([]), lambda: st.mode([]), lambda: st.median([]), lambda: st.stdev([1]), lambda: st.variance([]), lambda: st.geometric_mean([0, 1]), lambda: st.geometric_mean([-1]), lambda: st.harmonic_mean([-1, 2]), lambda: st.harmonic_mean([0, 2]), lambda: st.mean(["a"]), lambda: st.mean([1, "a"]), lambda: st.mean(5), lambda: st.quantiles([1]), lambda: st.quantiles([]), lambda: st.quantiles([1, 2], n=0), lambda: st.quantiles([1, 2], method="x"), lambda: st.correlation([1], [2]), lambda: st.correlation([1, 2], [3]), lambda: st.correlation([1, 1], [2, 3]), lambda: st.linear_regression([1, 1], [2, 3]), lambda: st.fmean([1], weights=[1, 2]), lambda: st.fmean([1], weights=[0]), lambda: st.median_grouped(["a"]), lambda: st.kde([], 1), lambda: st.kde([1], 0)):
    attempt(call)

n = st.NormalDist(100, 15)
print(n, n.mean, n.median, n.mode, n.stdev, n.variance, n.pdf(100), n.cdf(115), n.inv_cdf(0.975), n.zscore(130), n.quantiles(4), n.samples(3, seed=1))
print(n + 5, n * 2, n / 3, -n, n - 10, n + st.NormalDist(5, 8), n == st.NormalDist(100, 15), hash(n) == hash(st.NormalDist(100, 15)), n.overlap(st.NormalDist(110, 15)), st.NormalDist.from_samples([1, 2, 3, 4]))
for call in (lambda: st.NormalDist(0, -1), lambda: n.inv_cdf(0), lambda: n.inv_cdf(1.5), lambda: st.NormalDist(0, 0).pdf(1), lambda: st.NormalDist(0, 0).cdf(1), lambda: n.overlap(5), lambda: n + "x", lambda: n.zscore("x")):
    attempt(call)
