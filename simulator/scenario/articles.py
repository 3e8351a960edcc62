"""What the file names of quoted articles stand for."""

from functools import cache

from simulator.inputs import read_document, shipped


def cited(file: str) -> str:
    """Name a quoted article as a reader would look it up.

    Examples
    --------
    >>> cited("000_e6bd231cd2f2ab5e.txt")
    'Daily Sabah, 20 February 2025'
    >>> cited("an interview of ours")
    'an interview of ours'
    """
    return _articles().get(file, file)


@cache
def _articles() -> dict[str, str]:
    articles: dict[str, str] = read_document(shipped("configs") / "articles.yaml").value
    return articles
