"""From a file (or a shipped name) to a resolved scenario, or to every problem at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from simulator.inputs import Document, InputError, Problem, check_tolerantly, in_source_order
from simulator.inputs.kinds import read_kind
from simulator.inputs.problems import MAX_PROBLEMS
from simulator.scenario.catalogue import Catalogues, Contributor, load_catalogues, terms
from simulator.scenario.frozen import FrozenMap
from simulator.scenario.resolve import WHOLE, Base, Scenario, find_contributors, unknown_bases
from simulator.scenario.schema import ScenarioFile


@dataclass(frozen=True, eq=False, slots=True)
class Draft:
    """A scenario as far as it can be read, for those who can find further mistakes in it."""

    document: Document | None
    book: str | None
    contributors: Mapping[str, Contributor] | None
    scenario: Scenario | None
    problems: tuple[Problem, ...]

    def whole(self) -> Scenario:
        """Return the scenario, or raise `InputError` with the problems."""
        if self.scenario is None:
            raise InputError(self.problems)
        return self.scenario


def load_scenario(name_or_path: str | Path, sets: Sequence[str] = ()) -> Scenario:
    """Read, check and resolve a scenario."""
    return load_tolerantly(name_or_path, sets).whole()


def load_tolerantly(name_or_path: str | Path, sets: Sequence[str] = ()) -> Draft:
    """Read a scenario like `load_scenario`, but return the problems."""
    path, (document, problems, complete) = read_kind(name_or_path, "scenario", WHOLE, sets)
    if document is None:
        return Draft(None, None, None, None, tuple(problems))
    draft = resolve_tolerantly(path.stem, document, None, complete, problems)
    if draft.scenario is None or not sets:
        return draft
    # A title describes the file's plan, and would be wrong about a changed one.
    title = f"{draft.scenario.title}, with {', '.join(sets)}"
    return replace(draft, scenario=replace(draft.scenario, title=title))


def read_scenario(name_or_path: str | Path) -> tuple[str, Document]:
    """Read a scenario with everything it inherits, for `resolve_tolerantly`, and its name."""
    path, (document, problems, _) = read_kind(name_or_path, "scenario", WHOLE)
    if document is None or problems:
        raise InputError(problems)
    return path.stem, document


def resolve_tolerantly(
    name: str,
    document: Document,
    catalogues: Catalogues | None = None,
    complete: bool = True,
    earlier: Sequence[Problem] = (),
) -> Draft:
    """Check and resolve a document that was read, and perhaps changed since."""
    known = catalogues or load_catalogues()
    checked, mistakes = check_tolerantly(document, ScenarioFile, complete)
    contributors, strangers = find_contributors(document, known, complete)
    bases = islice(unknown_bases(document, known), MAX_PROBLEMS)
    problems = in_source_order(document, [*earlier, *mistakes, *strangers, *bases])
    # A problem without a path may be anywhere.
    among = any(not p.path or p.path.split(".")[0] == "contributors" for p in problems)
    book, scenario = document.value.get("book"), None
    if checked is not None and not problems:
        scenario = _resolved(name, document, checked, contributors, known)
    return Draft(
        document=document,
        book=book if isinstance(book, str) and book else None,
        contributors=contributors if complete and not among else None,
        scenario=scenario,
        problems=tuple(problems),
    )


def _resolved(
    name: str,
    document: Document,
    file: ScenarioFile,
    contributors: dict[str, Contributor],
    catalogues: Catalogues,
) -> Scenario:
    conditions = sorted({word for entry in contributors.values() for word in entry.conditions})
    bases = {
        base: Base(**dict(catalogues.bases[base]), aircraft=use.aircraft)
        for base, use in sorted(file.air_support.bases.items())
    }
    # As written: a distribution is read together with the book that it replaces a part of.
    pins = {block: FrozenMap(document.block(block)) for block in ("assumptions", "structure")}
    chosen = file.contributors
    there = {*chosen.members, *chain(*(catalogues.sets[name] for name in chosen.sets))}
    absent = [name for name in chosen.without if name not in there]
    scenario = Scenario(
        name=name,
        **(dict(file) | pins | {"contributors": FrozenMap(contributors)}),
        conditions=FrozenMap({word: catalogues.conditions[word] for word in conditions}),
        bases=FrozenMap(bases),
        stations=tuple(catalogues.stations.values()),
        notes=tuple(f"'{name}' is left out, but would not take part anyway" for name in absent),
        document=document,
    )
    return replace(scenario, notes=(*scenario.notes, *notes_on(scenario)))


def notes_on(scenario: Scenario) -> Iterator[str]:
    """Yield sentences on parts of the plan that cannot have the effect they seem to have."""
    force, target = scenario.force, scenario.force.target_troops
    takes_part = [
        (name, entry, terms(entry, scenario.conditions, force.mandate, force.posture))
        for name, entry in scenario.contributors.items()
    ]
    land = [(entry.troops.high, own) for _, entry, own in takes_part if "land" in own.roles]
    most = sum(int(troops * own.offer_factor) for troops, own in land)
    if not target and force.reinforcement:
        yield "a reinforcement is planned for a force of nobody: there is nothing to grow"
    elif target and most == 0:
        yield f"nobody offers soldiers on these terms: the target of {target:,} stays empty"
    elif most < target:
        yield (
            f"all contributors together offer at most {most:,} soldiers of the {target:,} "
            "planned, each at the top of its range: the force cannot fill"
        )
    for name, base in scenario.bases.items():
        host = scenario.contributors.get(base.country)
        if host is None:
            yield f"air base '{name}' is unusable: its host '{base.country}' does not take part"
        elif host.basing is None:
            yield f"air base '{name}' is unusable: its host '{base.country}' offers no bases"
    capacity = sum(base.aircraft for base in scenario.bases.values())
    if capacity and not any(e.aircraft for _, e, own in takes_part if "air" in own.roles):
        yield "air bases are planned, but no contributor offers aircraft"
    if scenario.air_support.tankers and not capacity:
        yield "tankers are planned, but no air base that takes aircraft"
    if not any(dict(scenario.us_backstop).values()):
        for name, _, own in takes_part:
            if own.requires_backstop:
                yield f"'{name}' takes part only with an American backstop, and none is promised"
