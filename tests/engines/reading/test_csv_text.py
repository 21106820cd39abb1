"""CSV as the world writes it goes in; what cannot be read is listed with its line."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import zstandard

from firstcall.engines.reading import csv_rows, lines
from firstcall.scoring.values import Kind
from tests.engines.reading.opening import open_files, problems_of, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "leads.csv"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["leads.csv", "leads.tsv", "leads.txt"])
def test_the_separator_is_found_out(tmp_path: Path, separator: str, name: str) -> None:
    rows = (["id", "job title", "size"], ["a", "Chief of x, y; z | t", "1,5"], ["b", "", "2"])
    text = [separator.join(f'"{cell}"' for cell in row) for row in rows]
    opened = open_files(write(tmp_path / name, text))
    assert opened.records("job title", "size") == [("a", "Chief of x, y; z | t", "1,5"), ("b", None, "2")]


def test_decimal_commas_do_not_hide_the_semicolons(path: Path) -> None:
    assert open_files(write(path, ["id;size", "a;1,5", "b;2,5"])).records("size") == [
        ("a", "1,5"),
        ("b", "2,5"),
    ]


ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8 with a mark": "utf-8-sig",
    "utf-16": "utf-16",
    "utf-16 big end first": "utf-16-be with mark",
    "latin-1": "latin-1",
    "windows-1252": "cp1252",
}


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS.keys())
def test_the_encoding_is_found_out(path: Path, encoding: str) -> None:
    text = "id,name\n1,Müller\n2,José Núñez\n3,plain\n"
    if encoding == "utf-16-be with mark":
        content = b"\xfe\xff" + text.encode("utf-16-be")
    else:
        content = text.encode(encoding)
    opened = open_files(write(path, content))
    assert opened.records("name") == [("1", "Müller"), ("2", "José Núñez"), ("3", "plain")]
    assert opened.rejected == []


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp1250", "Novák Dvořák Procházka Kučera Růžena Plzeň"),
        ("cp1250", "Wiśniewski Wójcik Kamińska Łukasz Małgorzata Wrocław"),
        ("cp1250", "Kovács Tóth Szabó Győr Székesfehérvár Szűcs"),
        ("cp1250", "Kovačević Babić Đorđe Šimić"),
        ("cp1250", "Müller Kraków Łódź Jäger Śląsk"),
        ("iso8859_2", "Wiśniewski Łukasz Śląsk Żółkiewska"),
        ("cp1254", "Yılmaz Şahin Çelik Öztürk Doğan Kılıç İstanbul"),
        ("cp1257", "Bērziņš Kalniņš Jānis Līga Pēteris"),
        ("cp1252", "François Lefèvre Hélène Noël Benoît Château"),
        ("cp1252", "João Gonçalves Conceição São Antônio Magalhães"),
        ("cp1252", "Søren Bjørn Kjær Øystein Håkon"),
        ("cp1252", "Sigurðsson Þór Björk Guðrún"),
        ("cp1252", "Müller José Søren François João Åsa Nicolò"),
        ("cp1252", "Café"),
    ],
)
def test_names_of_neighbours_are_read_in_their_letters(path: Path, encoding: str, names: str) -> None:
    text = "id,name\n" + "".join(f"{i},{name}\n" for i, name in enumerate(names.split()))
    read = open_files(write(path, text.encode(encoding))).records("name")
    assert [name for _, name in read] == names.split()


def test_windows_quotes_and_the_euro_sign(path: Path) -> None:
    opened = open_files(write(path, "id,name\n1,“Zürich” costs 5 €\n".encode("cp1252")))
    assert opened.records("name") == [("1", "“Zürich” costs 5 €")]
    assert opened.notes == ["leads.csv: the text is not UTF-8; it is read as cp1252."]


@pytest.mark.parametrize("text", ["“€”", "€", "–", "“A” – “B”; 5 €", "€ 5; “1”"])
def test_quotes_dashes_and_the_euro_sign_among_few_letters(path: Path, text: str) -> None:
    assert open_files(write(path, f"id,name\n1,{text}\n".encode("cp1252"))).records("name") == [("1", text)]


def test_utf_16_without_a_mark(path: Path) -> None:
    opened = open_files(write(path, "id,name\n1,Anna Schmidt\n2,Müller\n".encode("utf-16-le")))
    assert opened.records("name") == [("1", "Anna Schmidt"), ("2", "Müller")]


def test_cyrillic_is_recognised(path: Path) -> None:
    text = "id,имя\n" + "".join(f"{i},Привет как дела сегодня\n" for i in range(30))
    assert open_files(write(path, text.encode("cp1251"))).records("имя")[0] == (
        "0",
        "Привет как дела сегодня",
    )


def test_one_broken_line_in_utf_8_is_rejected_alone(path: Path) -> None:
    opened = open_files(
        write(
            path,
            "id,name\n1,Zoë\n2,J\xe9\n3,Ünal\n4,ok\n".encode("latin-1")
            .replace(b"Zo\xeb", "Zoë".encode())
            .replace(b"\xdcnal", "Ünal".encode()),
        )
    )
    assert opened.records("name") == [("1", "Zoë"), ("3", "Ünal"), ("4", "ok")]
    assert opened.rejected == [(3, "bytes that are not in the file's encoding")]


def test_bytes_that_are_no_text(path: Path) -> None:
    noise = bytes((i * 7919 + i * i * 31) % 256 for i in range(5000))
    assert problems_of(write(path, b"id,name\n" + noise)) == [
        "leads.csv: the text is in no encoding that could be recognised."
        " Save it as UTF-8, or name its encoding in a mapping (encoding: cp1250)."
    ]


def test_the_mapping_names_an_encoding(path: Path) -> None:
    opened = open_files(write(path, "id,n\n1,Łódź\n".encode("cp1250")), mapping="records: {encoding: cp1250}")
    assert opened.records("n") == [("1", "Łódź")]


def test_quoted_line_breaks_keep_the_line_numbers_of_the_rows_after_them(path: Path) -> None:
    opened = open_files(write(path, 'id,note\r\n1,"one\r\ntwo"\r\n\r\n,late\r\n2,x\r\n'))
    assert opened.records("note") == [("1", "one\r\ntwo"), ("2", "x")]
    assert opened.rejected == [(5, "the id is missing")]


def test_only_carriage_returns(path: Path) -> None:
    opened = open_files(write(path, "id,note\r1,a\r,b\r2,c\r"))
    assert opened.records("note") == [("1", "a"), ("2", "c")]
    assert opened.rejected == [(3, "the id is missing")]


def test_header_cells_with_spaces_quotes_and_sql(path: Path) -> None:
    header = ["id", " Job Title ", "a; DROP TABLE records; --", 'x"" y', "it's", "ID", "Name", "name"]
    opened = open_files(write(path, [",".join(f'"{name}"' for name in header), "1,CEO,a,b,c,d,e,f"]))
    names = ["Job Title", "a; DROP TABLE records; --", 'x" y', "it's", "ID", "Name", "name"]
    assert list(opened.kinds) == names
    assert opened.records(*names) == [("1", "CEO", "a", "b", "c", "d", "e", "f")]
    refs = [column.ref for column in opened.source.columns.records.fields.values()]
    assert all(ref.isidentifier() and ref == ref.lower() for ref in refs)


def test_a_header_over_two_lines(path: Path) -> None:
    opened = open_files(write(path, 'id,"job\ntitle"\n1,CEO\n,x\n'))
    assert opened.records("job\ntitle") == [("1", "CEO")]
    assert opened.rejected == [(4, "the id is missing")]


def test_a_trailing_comma_on_every_line(path: Path) -> None:
    opened = open_files(write(path, ["id,name,", "1,a,", "2,b,"]))
    assert list(opened.kinds) == ["name"]
    assert opened.notes == []


def test_a_column_without_a_name_that_holds_values_is_noted(path: Path) -> None:
    opened = open_files(write(path, [",id,name", "0,1,a", "1,2,b"]))
    assert opened.records("name") == [("1", "a"), ("2", "b")]
    assert opened.notes == [
        "leads.csv: column 1 has no name in the header and is left out, though it holds values."
    ]


def test_rows_in_quotes_as_a_whole_are_unwrapped(path: Path) -> None:
    opened = open_files(write(path, ["id,name,n", "1,a,1", '"2,""b, c"",3"', '"4,d,5"']))
    assert opened.records("name") == [("1", "a"), ("2", "b, c"), ("4", "d")]
    assert opened.rejected == []
    assert opened.notes == [
        "leads.csv: 2 rows stood in quotes as a whole and were unwrapped (first: line 3)."
    ]


def test_every_row_in_quotes_as_a_whole(path: Path) -> None:
    assert open_files(write(path, ['"id;name"', '"1;a"', '"2;b"'])).records("name") == [
        ("1", "a"),
        ("2", "b"),
    ]


def test_rows_of_another_width(path: Path) -> None:
    opened = open_files(write(path, ["id,name", "1,a", "2", "3,b,c", "4,d", "5,,"]))
    assert opened.records("name") == [("1", "a"), ("4", "d")]
    assert opened.rejected == [
        (3, "1 cell where the header has 2"),
        (4, "3 cells where the header has 2"),
        (6, "3 cells where the header has 2"),
    ]
    assert [reject.excerpt for reject in opened.source.rejects.first] == ["2", "3,b,c", "5,,"]


def test_nul_bytes(path: Path) -> None:
    opened = open_files(write(path, b"id,name\n1,a\x00b\n2,c\n"))
    assert opened.records("name") == [("2", "c")]
    assert opened.rejected == [(2, "a NUL character in the row")]


def test_blank_lines_are_passed_over(path: Path) -> None:
    opened = open_files(write(path, "\n\nid,name\n\n1,a\n  \n\n,b\n\n"))
    assert opened.records("name") == [("1", "a")]
    assert opened.rejected == [(8, "the id is missing")]


def test_an_unclosed_quote_costs_one_line(path: Path) -> None:
    opened = open_files(write(path, ["id,name", '1,"open', "2,b", '3,"x"y', '4,12" pipe', "5,e"]))
    assert opened.records("name") == [("2", "b"), ("4", '12" pipe'), ("5", "e")]
    reason = "a quoted cell does not close, or goes on after its closing quote"
    assert opened.rejected == [(2, reason), (4, reason)]


def test_a_lone_carriage_return_in_a_bare_cell(path: Path) -> None:
    opened = open_files(write(path, "id,name\n1,a\rb\n2,c\n"))
    assert opened.records("name") == [("2", "c")]
    assert [line for line, _ in opened.rejected] == [2]


def test_no_line_feed_at_the_end(path: Path) -> None:
    assert open_files(write(path, "id,name\n1,a\n2,b")).records("name") == [("1", "a"), ("2", "b")]


def test_empty_cells_quoted_or_not_are_missing(path: Path) -> None:
    opened = open_files(write(path, ["id,a,b,c", '1,,"",x', "2,1,y,"]))
    assert opened.records("a", "b", "c") == [("1", None, None, "x"), ("2", 1_000_000, "y", None)]


def test_only_a_header(path: Path) -> None:
    opened = open_files(write(path, "id,name\n"))
    assert opened.source.records == 0
    assert opened.kinds == {"name": Kind.EMPTY}


def test_an_empty_file(path: Path) -> None:
    assert problems_of(write(path, "")) == [
        "leads.csv: the file is empty. Export it again; a header is needed."
    ]


@pytest.mark.parametrize("content", ["\n\n", "\ufeff", "\n  \n"])
def test_a_file_of_nothing_but_blanks(path: Path, content: str) -> None:
    assert problems_of(write(path, content)) == [
        "leads.csv: the file holds no header. Export it again; a header is needed."
    ]


def test_a_name_twice_in_the_header(path: Path) -> None:
    assert problems_of(write(path, ["", "id,Email,x,Email, x", "1,a,b,c,d"])) == [
        "leads.csv:2: the header has a name twice: `Email` is column 2 and 4; `x` is column 3 and 5."
        " Rename one of them in the file, or name all columns in a mapping (header: […])."
    ]


def test_gz_and_zst(tmp_path: Path) -> None:
    text = b"id,name\n" + b"".join(b"%d,n\n" % i for i in range(1000))
    packed = zstandard.ZstdCompressor()
    files = {
        "leads.csv.gz": gzip.compress(text[:2000]) + gzip.compress(text[2000:]),
        "leads.csv.zst": packed.compress(text[:2000]) + packed.compress(text[2000:]),
    }
    for name, content in files.items():
        assert open_files(write(tmp_path / name, content)).source.records == 1000


def test_cut_off_gz_and_zst(tmp_path: Path) -> None:
    text = b"id,name\n" + b"".join(b"%d,%d\n" % (i, i * 7919) for i in range(10_000))
    for name, content in {
        "leads.csv.gz": gzip.compress(text),
        "leads.csv.zst": zstandard.ZstdCompressor().compress(text),
    }.items():
        assert problems_of(write(tmp_path / name, content[: len(content) // 2])) == [
            f"{name}: the compressed file ends in the middle. Copy or export the file again."
        ]


def test_no_gz_at_all(tmp_path: Path) -> None:
    says = problems_of(write(tmp_path / "leads.csv.gz", b"id,name\n1,a\n"))
    assert says == [
        "leads.csv.gz: the compression is broken (Not a gzipped file (b'id')). Copy or export the file again."
    ]


def test_a_glob_of_files_with_columns_in_another_order(tmp_path: Path) -> None:
    write(tmp_path / "1.csv", ["id,a,b", "1,x,1"])
    write(tmp_path / "2.csv", ["b;id", "2;2", "3;1", ";"])
    opened = open_files(tmp_path / "*.csv")
    assert opened.records("a", "b") == [("1", "x", 1_000_000), ("2", None, 2_000_000)]
    assert [(Path(r.file).name, r.line, r.code) for r in opened.source.rejects.first] == [
        ("2.csv", 4, "missing-id"),
        ("2.csv", 3, "duplicate-id"),
    ]


def test_a_line_too_long_is_passed_over_in_bounded_memory(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LONGEST", 50_000)
    monkeypatch.setattr(lines, "BLOCK", 10_000)
    with path.open("wb") as file:
        file.write(b"id,name\n1,a\n2,")
        for _ in range(5):
            file.write(b"x" * (1 << 20))
        file.write(b"\n3,c\n,d\n")
    opened = open_files(path)
    assert opened.records("name") == [("1", "a"), ("3", "c")]
    assert opened.rejected == [(3, "the line is longer than 16 MB"), (5, "the id is missing")]
    assert len(opened.source.rejects.first[0].excerpt) == 201


def test_a_quote_that_never_closes_in_a_long_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "LONGEST", 20_000)
    monkeypatch.setattr(lines, "BLOCK", 10_000)
    write(path, ["id,name", '1,"open', *(f"{i},name {i}" for i in range(2, 30_000))])
    opened = open_files(path)
    assert opened.source.records == 29_998
    assert [line for line, _ in opened.rejected] == [2]


@pytest.mark.parametrize("block", [40, 100, 1 << 22])
def test_blocks_of_any_size_give_the_same_rows(
    path: Path, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "BLOCK", block)
    monkeypatch.setattr("firstcall.engines.reading.files.CHUNK", 17)
    rows = ["id,name,n"]
    expected = []
    for i in range(200):
        cell, name = {0: (f'"two\nlines {i}"', f"two\nlines {i}"), 1: (f'"q""{i}"', f'q"{i}')}.get(
            i % 5, (f"plain {i}", f"plain {i}")
        )
        rows.append(f"{i:03},{cell},{i}")
        expected.append((f"{i:03}", name, i * 1_000_000))
    rows.insert(150, "bad")
    opened = open_files(write(path, rows))
    assert opened.records("name", "n") == expected
    assert opened.rejected == [(150 + 1 + 30, "1 cell where the header has 3")]
