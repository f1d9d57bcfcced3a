"""Tables are read as they come, and what is no table is refused in one line."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.data.formats import sniff as files
from automl.data.formats.sniff import file_kind
from automl.data.options import DataOptions
from automl.data.read.table import file as table_files
from automl.data.read.table.file import read_table
from automl.errors import DataError

PLAIN = "name,size,when\nanna,1.5,2020-01-01\nbob,,2020-01-02\n"
EXPECTED = pd.DataFrame(
    {"name": ["anna", "bob"], "size": [1.5, np.nan], "when": ["2020-01-01", "2020-01-02"]}
)

TEXTS = {
    "plain": PLAIN,
    "windows": PLAIN.replace("\n", "\r\n"),
    "an old Mac": PLAIN.replace("\n", "\r"),
    "a byte-order mark": "\ufeff" + PLAIN,
    "semicolons": PLAIN.replace(",", ";"),
    "semicolons and decimal commas": PLAIN.replace(",", ";").replace("1.5", "1,5"),
    "tabs": PLAIN.replace(",", "\t"),
    "bars": PLAIN.replace(",", "|"),
    "quotes": 'name,"size",when\n"anna","1.5","2020-01-01"\nbob,,2020-01-02',
    "spaces after commas": PLAIN.replace(",", ", "),
    "spaces in the header": PLAIN.replace("size", " size "),
    "blank lines": "\n" + PLAIN.replace("\n", "\n\n"),
    "a comma at the end": PLAIN.replace("\n", ",\n").replace("when,", "when"),
    "other words for missing": PLAIN.replace("bob,,", "bob,NA,"),
    "a question mark for missing": PLAIN.replace("bob,,", "bob,?,"),
}


def zipped(content: bytes, *names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("table.csv",):
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize("how", TEXTS)
def test_a_table_is_read_however_it_is_written(tmp_path: Path, how: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(TEXTS[how].encode())
    table = read_table(path)
    pd.testing.assert_frame_equal(table.frame, EXPECTED)
    assert table.notes == []


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zipped])
def test_a_packed_table_is_read_whatever_its_name(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "table"
    path.write_bytes(pack(PLAIN.encode()))
    pd.testing.assert_frame_equal(read_table(path).frame, EXPECTED)


@pytest.mark.parametrize(
    ("encoding", "notes"),
    [
        *[("utf-8", 0), ("utf-16", 0), ("utf-16-le", 0), ("utf-16-be", 0), ("utf-32", 0)],
        *[("latin-1", 1), ("cp1252", 1)],
    ],
)
def test_letters_beyond_ascii_survive(tmp_path: Path, encoding: str, notes: int) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes("größe,é\n1,ü\n".encode(encoding))
    table = read_table(path)
    assert list(table.frame.columns) == ["größe", "é"]
    assert table.frame.iloc[0, 1] == "ü"
    assert len(table.notes) == notes


def test_a_wrong_letter_late_in_a_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"a,b\n" + b"1,x\n" * 300_000 + "2,ü\n".encode("latin-1"))
    table = read_table(path)
    assert table.frame.iloc[-1, 1] == "ü"
    assert "Windows-1252" in table.notes[0]


def test_commas_quotes_and_line_breaks_inside_quotes_belong_to_the_value(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text('a,b\n"x, ""y""\nz",1\nw,2\n')
    frame = read_table(path).frame
    assert frame["a"].tolist() == ['x, "y"\nz', "w"]


def test_a_column_that_must_be_text_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("zip,n\n1,1\n,2\n")
    frame = read_table(path, as_text=["zip", "absent"]).frame
    assert frame["zip"].iloc[0] == "1"
    assert frame["zip"].isna().tolist() == [False, True]
    assert frame["n"].tolist() == [1, 2]


def test_codes_with_leading_zeros_stay_text_wherever_they_are(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("zip,n,m\n" + "1010,1,0.5\n" * 5000 + "01010,2,0\n")
    frame = read_table(path).frame
    assert frame["zip"].tolist()[-2:] == ["1010", "01010"]
    assert frame["n"].tolist()[-2:] == [1, 2]
    assert frame["m"].tolist()[-2:] == [0.5, 0]


HEADERS = {
    "a row of numbers": ("5.1,3.5\n4.9,3.0\n", False),
    "a row with a class": ("5.1,setosa\n4.9,virginica\n5.0,setosa\n", False),
    "a row of words": ("red,big\nblue,small\nblue,big\nred,small\n", False),
    "a row with a gap": ("5.1,-,3\n4.9,2,5\n-,3,1\n", False),
    "names": ("a,b\n1,2\n", True),
    "names of words": ("color,size\nred,big\nblue,big\n", True),
    "years": ("country,2019,2020\nNorway,1,2\nPeru,3,4\n", True),
    "places": ("0,1,2,3\n5.1,3.5,1.4,2\n", True),
    "no name for the index": (",a\n0,1.5\n1,2.5\n", True),
}


@pytest.mark.parametrize("what", HEADERS)
def test_a_first_line_that_is_a_row_names_no_columns(tmp_path: Path, what: str) -> None:
    text, has_header = HEADERS[what]
    path = tmp_path / "table.csv"
    path.write_text(text)
    table = read_table(path)
    assert table.has_header == has_header
    assert len(table.frame) == text.count("\n") - has_header
    if not has_header:
        assert list(table.frame.columns)[:2] == ["x0", "x1"]
        assert "is read as a row" in table.notes[0]
    for said in (True, False):
        table = read_table(path, options=DataOptions(header=said))
        assert len(table.frame) == text.count("\n") - said
        assert table.notes == []


ABOVE = {
    "Excel's delimiter": ("sep=;\na;b\n1;x\n2;y\n", ["a", "b"], []),
    "a title": ("Sales of 2025,\n\na,b\n1,x\n2,y\n", ["a", "b"], ["'Sales of 2025'"]),
    "comments": ("# made by hand\n# twice\na,b\n1,x\n2,y\n", ["a", "b"], ["2 lines of"]),
    "names of rows, as R has them": ("a,b\nr1,1,x\nr2,2,y\n", ["unnamed_0", "a", "b"], ["less"]),
    "spaces": ("a b\n1 0.5\n2 0.25\n", ["a", "b"], []),
}


@pytest.mark.parametrize("what", ABOVE)
def test_what_stands_above_a_table_is_no_row_of_it(tmp_path: Path, what: str) -> None:
    text, names, said = ABOVE[what]
    path = tmp_path / "table.csv"
    path.write_text(text)
    table = read_table(path)
    assert list(table.frame.columns) == names
    assert table.frame["a"].tolist() == [1, 2]
    assert len(table.notes) == len(said)
    assert all(words in note for words, note in zip(said, table.notes, strict=True))


def test_points_between_thousands_are_none_of_decimals_beside_decimal_commas(
    tmp_path: Path,
) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a;b\n1.200;0,5\n3.400;1,25\n")
    table = read_table(path)
    assert table.number_format == ","
    assert table.frame["b"].tolist() == [0.5, 1.25]


def test_whole_numbers_beside_a_gap_keep_all_digits(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"id,b\n{2**60 + 1},1\n,2\n{2**60},3\n")
    found = read_table(path).frame["id"].tolist()
    assert [found[0], found[2]] == [str(2**60 + 1), str(2**60)]


def test_a_column_of_an_index_gets_a_name(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    pd.DataFrame({"a": [1, 2]}).to_csv(path)
    assert list(read_table(path).frame.columns) == ["unnamed_0", "a"]


REFUSED = {
    "nothing": (b"", "the file is empty"),
    "blank lines only": (b"\n \n", "is empty"),
    "a header only": (b"a,b\n", "none below the header"),
    "a name twice": (b"a,b,a\n1,2,3\n", "'a' comes more than once"),
    "a long row": (b"a,b\n1,2\n1,2,3\n", "as many fields as the first line (2), but row 2 has 3"),
    "a long row late": (b"a,b\n" + b"1,2\n" * 1000 + b"1,2,3\n", "Expected 2 fields in line 1002"),
    "an open quote": (b'a,b\n"1,2\n', "EOF inside string"),
    "a huge field": (b"a,b\n" + b"x" * 200_000 + b",2\n", "field larger than field limit"),
    "bytes": (b"\x01\x02\0\x03" * 9, "is none of these"),
    "an image": (b"\x89PNG\r\n\x1a\n\0\0", "is a picture"),
    "half a gzip": (gzip.compress(PLAIN.encode())[:-9], "cannot be read"),
    "half an xz": (lzma.compress(PLAIN.encode())[:-9], "cannot be read"),
    "half a zip": (zipped(PLAIN.encode())[:-9], "cannot be read"),
    "no gzip": (b"\x1f\x8bnonsense", "cannot be read"),
    "two files in a zip": (zipped(b"a\n1\n", "a.csv", "b.csv"), "must hold one file, but has 2"),
    "an Excel workbook": (zipped(b"", "[Content_Types].xml", "x"), "is an Excel workbook"),
    "half a Parquet": (b"PAR1" + b"\0" * 30, "must be a Parquet file"),
    "an IDX file": (b"\0\0\x08\x01\0\0\0\x01\x07", "named columns, but is IDX"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_table_is_one_line(tmp_path: Path, what: str) -> None:
    content, said = REFUSED[what]
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(DataError) as error:
        read_table(path)
    assert said in str(error.value)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        read_table(tmp_path / "table.csv")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zipped])
def test_a_bomb_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr(files, "SMALL_BYTES", 2**20)
    path = tmp_path / "table.csv.gz"
    path.write_bytes(pack(b"a\n" + b"1\n" * 2**20))
    with pytest.raises(DataError, match="unpack it yourself if you trust it"):
        read_table(path)


def test_parquet_is_read(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "table"
    EXPECTED.to_parquet(path)
    assert file_kind(path) == "parquet"
    pd.testing.assert_frame_equal(read_table(path).frame, EXPECTED)
    path.write_bytes(path.read_bytes()[:-20] + b"x" * 20)
    with pytest.raises(DataError, match="must be a Parquet file"):
        read_table(path)


def test_the_index_of_a_parquet_file_is_left_out_and_that_is_said(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "table.parquet"
    EXPECTED.set_axis(pd.Index([7] * len(EXPECTED), name="site")).to_parquet(path)
    table = read_table(path)
    pd.testing.assert_frame_equal(table.frame, EXPECTED)
    assert table.notes == [
        "the index 'site' of table.parquet is left out; to use it, save it as a column"
    ]


def test_parquet_that_claims_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow")
    EXPECTED.to_parquet(tmp_path / "table")
    monkeypatch.setattr(table_files, "MAX_PARQUET_BYTES", 10)
    with pytest.raises(DataError, match="must unpack to less"):
        read_table(tmp_path / "table")


def test_parquet_without_pyarrow_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "table").write_bytes(b"PAR1" + b"\0" * 30)
    monkeypatch.setattr(table_files, "find_spec", lambda name: None)
    with pytest.raises(DataError, match=r"pip install 'automl\[parquet\]'"):
        read_table(tmp_path / "table")


@given(st.one_of(st.binary(max_size=60), st.text("a1,;\t\"'\n\r .é|", max_size=60).map(str.encode)))
def test_any_bytes_are_a_table_or_one_line(content: bytes) -> None:

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(content)
        try:
            frame = read_table(path).frame
        except DataError as error:
            assert "\n" not in str(error)  # noqa: PT017 - some are tables
            return
    assert len(frame)
    assert len(set(frame.columns)) == len(frame.columns)


@pytest.mark.parametrize("end", ["", "\n1,2\n"])
def test_a_first_line_without_an_end_is_refused_as_that(tmp_path: Path, end: str) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"c{i}" for i in range(200_000)) + end)
    with pytest.raises(DataError, match="the first line must end within"):
        read_table(path)


def test_lines_may_end_as_on_old_macs(tmp_path: Path) -> None:
    path = tmp_path / "mac.csv"
    path.write_bytes(b"a,b\r" + b"1,2\r" * 300_000)
    assert read_table(path).frame.shape == (300_000, 2)
