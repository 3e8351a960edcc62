"""Spells from files as other people write them: read rightly, or refused with what to write."""

from pathlib import Path

import numpy as np
import pytest

from simulator.evidence import csvtext
from simulator.evidence.usercsv import Named, UserSpells, read_spells
from simulator.inputs import InputError

# Three spells of 1.5, 2 and 0.4 years, the second of which was still going on.
THREE = ([1.5, 2.0, 0.4], [True, False, True])


def _read(folder: Path, text: str, named: Named | None = None) -> UserSpells:
    path = folder / "spells.csv"
    path.write_bytes(text.encode())
    return read_spells(path, named)


def _refused(folder: Path, text: str, named: Named | None = None) -> str:
    with pytest.raises(InputError) as caught:
        _read(folder, text, named)
    return caught.value.render()


@pytest.mark.parametrize(
    "text",
    [
        "duration_years,event\n1.5,1\n2,0\n0.4,1\n",
        "duration_years;event\n1.5;1\n2;0\n0.4;1\n",
        "duration_years\tevent\n1.5\t1\n2\t0\n0.4\t1\n",
        "duration_years|event\n1.5|1\n2|0\n0.4|1\n",
        "duration_years  event\n  1.5    1\n  2      0\n  0.4    1\n",
        "sep=;\nduration_years;event\n1.5;1\n2;0\n0.4;1\n",
        "\ufeffsep=;\r\nduration_years;event\r\n1.5;1\r\n2;0\r\n0.4;1\r\n",
        "# spells of mine\n\n# in years\nduration_years,event\n1.5,1\n2,0\n0.4,1\n",
        "duration_years,event\r1.5,1\r2,0\r0.4,1\r",
        "duration_years;event\n1,5;1\n2;0\n0,4;1\n",
        "duration_years\tevent\n1,5\t1\n2,0\t0\n,4\t1\n",
        "Duration (years),Event\n1.5,T\n2,F\n0.4,T\n",
        "DURATION YEARS,event\n1.5,y\n2,n\n0.4,Yes\n",
        "duration-years,event\n1.5,1.0\n2,0.0\n0.4,1.00\n",
        "duration_years,event,,\n1.5,1,,\n2,0,,\n0.4,1,,\n",
        'duration_years, "event"\n1.5, "1"\n2, "0"\n0.4, "1"\n',
        "duration_days,event\n547.875,1\n730.5,0\n146.1,1\n",
    ],
)
def test_the_same_spells_in_other_clothes(tmp_path: Path, text: str) -> None:
    read = _read(tmp_path, text)
    np.testing.assert_allclose(read.spells.exit, THREE[0], rtol=1e-12)
    assert read.spells.event.tolist() == THREE[1]


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1e"])
def test_only_the_csv_rules_end_a_line(tmp_path: Path, mark: str) -> None:
    text = f'name,duration_years,event\nA{mark}b,1.5,1\n{mark},2,0\n"x\n{mark}y",0.4,1\n'
    assert _read(tmp_path, text).spells.exit.tolist() == THREE[0]
    # the row that follows is reported in its own line
    assert "spells.csv:6:1: row 4" in _refused(tmp_path, f"{text}z,0,1\n")


@pytest.mark.parametrize(
    ("named", "header", "factor"),
    [
        (Named("T", "years", "E"), "T,E", 1.0),
        (Named("t", "years", "e"), "T,E", 1.0),
        (Named("week", "weeks", "arrest"), "week,arrest", 7 / 365.25),
        (Named("Time (mo.)", "months", "E"), "Time (mo.),E", 1 / 12),
        (Named("duration_days", None, "E"), "duration_days,E", 1 / 365.25),
        (Named("duration_months", "months"), "duration_months,event", 1 / 12),
    ],
)
def test_columns_are_named_with_their_unit(
    tmp_path: Path, named: Named, header: str, factor: float
) -> None:
    read = _read(tmp_path, f"{header}\n1.5,1\n2,0\n0.4,1\n", named)
    np.testing.assert_allclose(read.spells.exit, np.array(THREE[0]) * factor, rtol=1e-12)
    assert read.spells.event.tolist() == THREE[1]


@pytest.mark.parametrize(
    ("event", "values"),
    [
        ("status=2", "2 1 2"),
        ("status=2", "2.0 1.0 2"),
        ("status=dead", "Dead alive dead"),
        ("status=1,3", "1 0 3"),
        ("status=0", "0 1 0"),
        ("status=FALSE", "False True False"),
    ],
)
def test_the_values_that_mean_an_end_are_stated(tmp_path: Path, event: str, values: str) -> None:
    one, two, three = values.split()
    text = f"duration_years,status\n1.5,{one}\n2,{two}\n0.4,{three}\n"
    read = _read(tmp_path, text, Named(event=event))
    assert read.spells.event.tolist() == THREE[1]
    assert any("read as ended" in note for note in read.notes)


def test_start_and_stop_are_entry_and_duration(tmp_path: Path) -> None:
    text = "id,start,stop,event\n7,0,50,0\n7,50,365.25,1\n8,0,730.5,0\n"
    read = _read(tmp_path, text, Named("stop", "days", entry="start", cluster="id"))
    np.testing.assert_allclose(read.spells.entry, [0, 50 / 365.25, 0])
    np.testing.assert_allclose(read.spells.exit, [50 / 365.25, 1, 2])
    assert read.spells.cluster.tolist() == [0, 0, 1]
    assert not read.warnings


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # a unit is never guessed: both names, and the question
        ("duration,event\n3,1\n", ("duration_years", "duration_days", "--unit", "'duration'")),
        ("Time,event\n3,1\n", ("duration_years", "duration_days", "'Time'")),
        ("T,E\n3,1\n", ("--duration T", "--event E=")),
        ("_t,_d,_t0\n3,1,0\n", ("--entry _t0 --duration _t", "--event _d=")),
        ("duration_months,event\n3,1\n", ("duration_years", "duration_days", "--unit months")),
        ("duration_yaers,event\n3,1\n", ("duration_years", "duration_days", "--unit")),
        ("days,event\n3,1\n", ("duration_days", "--unit days")),
        ("start,stop,event\n0,3,1\n", ("entry_years", "--entry start --duration stop")),
        ("start_date,end_date,event\n2001-02-03,2002-03-04,1\n", ("dates", "duration_days")),
        ("von;bis;event\n3.2.2001;4.3.2002;1\n", ("dates", "'von' to 'bis'")),
        ("duration_days,event\n2001-02-03,1\n", ("a date",)),
        ("3,1\n4,0\n", ("numbers, not names",)),
        ("#duration_years,event\n3,1\n", ("take its # away",)),
        # events
        ("duration_years,status\n3,1\n", ("'status'", "--event status=")),
        ("duration_years,Dead\n3,1\n", ("'Dead'", "--event Dead=")),
        ("duration_years,censored\n3,1\n", ("still going on", "--event censored=")),
        ("duration_years,event\n3,1\n4,2\n", ("holds 1, 2", "--event event=2")),
        ("duration_years,event\n3,died\n4,alive\n", ("alive, died", "--event event=")),
        ("duration_years,event\n3,1\n4,0\n5,2\n", ("row 3, event", "'2'", "--event")),
        ("duration_years,event\n3,1\n4,NA\n", ("row 2, event", "missing value")),
        # numbers
        ("duration_years,event\nNA,1\n", ("row 1", "missing value")),
        ('duration_years,event\n"0,4",1\n', ("write 0.4",)),
        ("duration_years,event\n0,4,1\n2,5,0\n", ("3 fields", "write 0.4, not 0,4")),
        ('duration_days,event\n"1,234",1\n', ("1234", "1.234")),
        ("duration_days;event\n1,234;1\n2,500;1\n", ("1234", "1.234")),
        ("duration_days;event\n1,5;1\n2.5;1\n", ("'1,5'", "write 1.5")),
        ("duration_days;event\n1.234,5;1\n", ("nothing between thousands",)),
        ("duration_years,event\n3 years,1\n", ("write the number alone: 3",)),
        ("duration_years,event\n1_000,1\n", ("'1_000' is not a number",)),
        ("duration_years,event\n0,1\n", ("half a day",)),
        ('"duration_years","event"\n"1",3,1\n"2",4,0\n', ("row.names = FALSE",)),
        ("duration_years,event\n3,1\n# note,\n4\n", ("row 2", "row 3, columns: has 1 fields")),
        ('duration_years,event\n3,"1\n4,0\n', ("spells.csv:3:1", "quote")),
    ],
)
def test_what_cannot_be_known_is_asked(tmp_path: Path, text: str, told: tuple[str, ...]) -> None:
    found = _refused(tmp_path, text)
    assert [part for part in told if part not in found] == [], found


@pytest.mark.parametrize(
    ("named", "told"),
    [
        (Named("T", None), "--unit years|months|weeks|days"),
        (Named(None, "days"), "--unit goes with --duration"),
        (Named("Tt", "days"), "did you mean 'T'"),
        (Named("T", "days", "E="), "no value"),
        (Named("T", "days", "E=3"), "no row has 3 in 'E', it holds 0, 1"),
        (Named("T", "days", "E", cluster="id"), "no column 'id'"),
    ],
)
def test_named_columns_that_do_not_fit(tmp_path: Path, named: Named, told: str) -> None:
    assert told in _refused(tmp_path, "T,E\n3,1\n4,0\n", named)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("duration_years,event,weight\n3,1,2\n4,0,1\n", "'weight'"),
        ("duration_years,event,Sample Weight\n3,1,2\n4,0,1\n", "'Sample Weight'"),
        ("duration_years,event,entry\n3,1,2\n4,0,1\n", "'entry'"),
        ("duration_years,event,start\n3,1,2\n4,0,1\n", "'start'"),
        ("duration_years,event\n101,1\n400,0\n2,1\n", "longer than 101 years"),
        ("duration_days,event\n1.5,1\n2,0\n40,1\n", "40 days"),
    ],
)
def test_what_was_probably_meant_otherwise_is_a_warning(
    tmp_path: Path, text: str, told: str
) -> None:
    [warning] = _read(tmp_path, text).warnings
    assert told in warning


def test_headers_are_echoed_as_the_file_has_them(tmp_path: Path) -> None:
    text = "Country Name,Duration_Years,EVENT,ph.ECOG\nA,3,1,0\nB,0,1,0\n"
    assert "row 2, Duration_Years" in _refused(tmp_path, text)
    read = _read(tmp_path, text.replace("B,0", "B,1"))
    assert read.notes == ("columns not read: Country Name, ph.ECOG",)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("duration_years\tevent\n1\t1\n".encode("utf-16"), "UTF-16"),
        ("land,duration_years,event\nCôte,1,1\n".encode("latin-1"), "byte 0xf4 in line 2"),
        (b"PK\x03\x04 and so on", "workbook"),
        (b"duration_years,event\n1,\x001\n", "null bytes"),
        (b"\n \n# nothing\n", "empty"),
        (b'duration_years,event\n"' + b"x" * 200_000 + b'",1\n', "field larger"),
    ],
)
def test_files_of_another_kind(tmp_path: Path, data: bytes, told: str) -> None:
    path = tmp_path / "spells.csv"
    path.write_bytes(data)
    with pytest.raises(InputError, match=told):
        read_spells(path)


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csvtext, "MAX_CSV_ROWS", 3)
    text = "duration_years,event\n1,1\n1,1\n1,1\n"
    assert len(_read(tmp_path, text).spells) == 3
    assert "more than 3 rows" in _refused(tmp_path, text + "1,1\n")


def test_no_file_is_read_without_end() -> None:
    endless = Path("/dev/zero")
    if not endless.exists():
        pytest.skip("needs an endless file")
    with pytest.raises(InputError, match="20 MiB"):
        read_spells(endless)
