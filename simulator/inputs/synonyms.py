"""Words that people use for those that files know."""

from typing import Final

# Letters that are mistaken for digits, and what stands between words.
_ALIKE: Final = str.maketrans("oil", "011", "-_ ")

# A word that some field allows, and what people write for it. A word may stand on several lines.
_TABLE: Final = """
cities: town towns city urban
line: front frontline border contact forward
rear: back behind hinterland depth west
sites: site strategic infrastructure bases ports
sea: navy naval maritime marine ships
land: army ground troops infantry
air: airforce aviation aircraft jets
basing: base bases host hosting airbase airbases
logistics: transport supply hub
coalition: willing ad-hoc multinational
bilateral: bilaterally treaty
nato: alliance otan
un: united-nations uno onu
parliament: parliamentary legislature congress
government: cabinet executive
seed: interview
literature: paper book article study
judgement: judgment expert opinion assumption
latin_hypercube: lhs lhc latin
sobol: qmc quasi-random random monte-carlo halton saltelli
log: logarithmic geometric geom
linear: lin arithmetic
from: min minimum start lower low begin
to: max maximum stop end upper high
steps: num n count number step
size: n num n_samples samples count number points
low: min minimum lower
high: max maximum upper
mode: likely most-likely peak
fixed: constant const value
normal: gauss gaussian
lognormal: lognorm
uniform: min max minimum maximum low high lower upper flat
triangular: triangle
choice: categorical discrete
between: interval range
quantiles: quantile percentiles quartiles
mean: mu average loc
sd: std stddev sigma
median: p50
a: alpha
b: beta
shape: k alpha
trials: paths replications repeats n_paths runs worlds
draws: n_draws samples
scenario: plan base baseline
set: constants fixed
exclude: skip filter
grid: parameters parameter params param variables levers factors axes sweep
"""


def fold(word: str) -> str:
    """Return a word without what spelling differs in: case, hyphens, look-alike letters."""
    return word.casefold().translate(_ALIKE)


def meant_by(word: str) -> tuple[str, ...]:
    """Return the words, folded, that a word may stand for.

    >>> meant_by("Navy")
    ('sea',)
    """
    return _MEANINGS.get(fold(word), ())


def _inverted() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in _TABLE.strip().splitlines():
        known, _, words = line.partition(":")
        for word in words.split():
            found[fold(word)] = (*found.get(fold(word), ()), fold(known))
    return found


_MEANINGS: Final = _inverted()
