"""Customer files become customers: texts as written, places of values, and what two files may not share."""

from __future__ import annotations

import pytest

from reconciler.core.field_types import BY_KIND, FieldType, ListOf
from reconciler.core.yaml.composer import PROBLEMS_LIMIT
from reconciler.customers.document import KEYS
from reconciler.customers.manifest import Manifest, read_file, read_files

EXAMPLE = """\
CustomerID: 10023              # the identity; what makes a rename a rename
Name: Acme, Inc.
Website: https://acme.example
Address: 742 Green Terrace     # street address of the primary location
Fields:                        # custom fields by their name in RPM
  Sales Division: Comtel
  Renewal date: 2026-04-16
  Zip: 01234
  Legacy code: ""              # managed and empty: cleared in RPM
"""

COMMENT = "before the #, which begins a comment: quote the whole text if that belongs to it"

WAYS: dict[str, FieldType] = {
    "Fields.Tier": ListOf(("Gold", "Silver")),
    "Fields.Any": ListOf(),
    **{f"Fields.{kind}": BY_KIND[kind]() for kind in ("date", "number", "yesno", "set")},
}


def manifest(*texts: str) -> Manifest:
    files = [(f"c/{number}.yaml", text.encode()) for number, text in enumerate(texts)]
    return read_files(files, WAYS)


def problems(*texts: str) -> list[str]:
    return [str(problem) for problem in manifest(*texts).problems]


def warnings(*texts: str) -> list[str]:
    read = manifest(*texts)
    assert read.problems == ()
    return [str(warning) for warning in read.warnings]


def test_a_file_is_read_as_written() -> None:
    read = manifest(EXAMPLE)
    assert (read.problems, read.warnings) == ((), ())
    (customer,) = read.customers
    assert (customer.customer_id, customer.file, customer.line, customer.column) == (10023, "c/0.yaml", 1, 1)
    marks = {path: (text, str(customer.mark(path))) for path, text in customer.values.items()}
    assert marks == {
        "Name": ("Acme, Inc.", "c/0.yaml:2:7"),
        "Website": ("https://acme.example", "c/0.yaml:3:10"),
        "Address": ("742 Green Terrace", "c/0.yaml:4:10"),
        "Fields.Sales Division": ("Comtel", "c/0.yaml:6:19"),
        "Fields.Renewal date": ("2026-04-16", "c/0.yaml:7:17"),
        "Fields.Zip": ("01234", "c/0.yaml:8:8"),
        "Fields.Legacy code": ("", "c/0.yaml:9:16"),
    }


def test_only_the_name_is_required() -> None:
    (customer,) = manifest("# a comment\nName: A\n").customers
    assert (customer.customer_id, customer.line, customer.name_only) == (None, 2, True)


def test_a_file_may_hold_several_customers_and_all_are_sorted_by_place() -> None:
    files = [("b.yaml", b"Name: C"), ("a.yaml", b"---\nName: A\n---\nName: B\n")]
    assert [customer.name for customer in read_files(files, {}).customers] == ["A", "B", "C"]


@pytest.mark.parametrize("empty", ["''", '""'])
def test_quotes_with_nothing_between_them_clear(empty: str) -> None:
    (customer,) = manifest(f"Name: A\nWebsite: {empty}\n").customers
    assert customer.values["Website"] == ""


@pytest.mark.parametrize("nothing", ["", "~", "null", "!!str", "|", ">-\n"])
def test_nothing_is_not_a_value(nothing: str) -> None:
    assert problems(f"Name: A\nWebsite: {nothing}\n") == [
        "c/0.yaml:2:"
        + ("9" if not nothing else "10")
        + ': "Website" has no value: write "" to clear it in RPM, or remove the line to leave it alone'
    ]


def test_a_name_cannot_be_nothing() -> None:
    assert problems("Name: ~\n") == ['c/0.yaml:1:7: "Name" has no value: write the customer\'s name']
    assert problems('Name: ""\n') == ["c/0.yaml:1:7: `Name` cannot be cleared: a customer must have a name"]


def test_a_text_that_begins_with_a_number_sign_is_called_a_comment() -> None:
    assert problems("Name: #1 Pizza\n") == [
        'c/0.yaml:1:6: "Name" has no value: write the customer\'s name; a text that begins with # must be quoted'
    ]


@pytest.mark.parametrize("number", ["1", "10023", "9223372036854775807", "'7'", '"7"'])
def test_a_customer_id_is_digits_plain_or_quoted(number: str) -> None:
    (customer,) = manifest(f"CustomerID: {number}\nName: A\n").customers
    assert customer.customer_id == int(number.strip("'\""))


@pytest.mark.parametrize(
    "number", ["0", "007", "-1", "+1", "1.0", "1e3", "0x1F", "1_000", "10,023", "٣", "9223372036854775808",
               "1" * 5000, "", "~", '""', "[1]", "abc"],
)  # fmt: skip
def test_anything_else_is_no_customer_id(number: str) -> None:
    (problem,) = problems(f"CustomerID: {number}\nName: A\n")
    assert problem.startswith("c/0.yaml:1:1")
    assert problem.endswith(
        "`CustomerID` is the number RPM shows, only digits and no leading 0; without one, remove the line"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Name: A\nadress: x", '2:1: unknown key "adress"; did you mean "Address"?'),
        ("Name: A\ncustomerid: 1", '2:1: unknown key "customerid"; did you mean "CustomerID"?'),
        (
            "Name: A\nTier: x",
            f'2:1: unknown key "Tier"; there are {", ".join(KEYS)}, and custom fields go under `Fields:`',
        ),
        ("Name: A\nFields.Tier: x", '2:1: unknown key "Fields.Tier": a custom field is indented under `Fields:`'),
        ("Name: A\nModified: x", '2:1: "Modified" is set by RPM alone and cannot be set here: remove the line'),
        ("Name: A\naliases: [x]", '2:1: "aliases" is set by RPM alone and cannot be set here: remove the line'),
        ("Website: A", "1:1: `Name` is missing: every customer needs one"),
        ("Name: [A]", '1:7: "Name" takes a text, not a list'),
        ("Name: {A: B}", '1:7: "Name" takes a text, not lines of `key: value`'),
        ("Name: A\nFields:", "2:8: `Fields` names no field: write some under it, or remove the line"),
        ("Name: A\nFields: x", "2:9: `Fields` takes lines of `field name: value` under it, indented"),
        ("Name: A\nFields: [x]", "2:9: `Fields` takes lines of `field name: value` under it, indented"),
        ("Name: A\nFields:\n  Tier: [Gold]", '3:9: "Fields.Tier" takes a text, not a list'),
        ("Name: A\nFields:\n  X: a\n  ' x ': b", '4:3: the field " x " is "X" of line 3 again'),
        ('Name: A\nFields:\n  "": a', "3:3: a custom field needs a name"),
        ('Name: A\nFields:\n  " ": a', "3:3: a custom field needs a name"),
        ('Name: A\nFields:\n  "a\\nb": c', r'3:3: the field name "a\nb" must be one line'),
        ("- Name: A", "1:1: a list: write one customer (`Name: …`) a document, with `---` between two"),
        ("Acme", "1:1: not a customer: write lines of `key: value`, beginning with `Name: …`"),
        ("Name: A\n---\n", "3:1: this document is empty: write a customer (`Name: …`) or remove its `---`"),
        ("# nothing", "1:1: the file contains no customer: write one (`Name: …`) or delete the file"),
        ("Name: ' A'", '1:7: "Name" begins or ends with white space: remove it'),
        ("Name: |\n  A\n  B", '1:7: "Name" must be one line'),
        ("Name: A\nWebsite: |\n  A\n  B", '2:10: "Website" must be one line'),
    ],
)  # fmt: skip
def test_a_file_that_is_no_customer_file_says_what_to_write(text: str, problem: str) -> None:
    assert problems(text) == [f"c/0.yaml:{problem}"]


@pytest.mark.parametrize(
    ("before", "limit", "path"),
    [("Name: ", 64, "Name"), ("Name: A\nWebsite: ", 128, "Website"), ("Name: A\nAddress: ", 128, "Address"),
     ("Name: A\nFields:\n  X: ", 5000, "Fields.X")],
)  # fmt: skip
def test_a_text_may_reach_its_limit_and_not_pass_it(before: str, limit: int, path: str) -> None:
    assert problems(before + "x" * limit) == []
    (problem,) = problems(before + "x" * (limit + 1))
    assert problem.endswith(f'"{path}" has {limit + 1:,} characters; RPM keeps at most {limit:,}')


def test_a_field_name_may_reach_its_limit_and_not_pass_it() -> None:
    assert problems("Name: A\nFields:\n  " + "x" * 64 + ": y") == []
    (problem,) = problems("Name: A\nFields:\n  " + "x" * 65 + ": y")
    assert problem.startswith('c/0.yaml:3:3: the field name "xxx')
    assert problem.endswith("has 65 characters; RPM keeps at most 64")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("Tier", "Gld", 'is not of its type (list): the options are Gold, Silver; did you mean "Gold"?'),
        ("Tier", "gold", 'is not of its type (list): the options are Gold, Silver; did you mean "Gold"?'),
        ("date", "2024-13-45", "is not of its type (date): a date is written YYYY-MM-DD"),
        (
            "number",
            ".inf",
            "is not of its type (number): a number is written with digits, as in 1200 or 1200.50",
        ),
        ("yesno", "maybe", "is not of its type (yesno): write Yes or No"),
        ("Any", "x" * 51, "has an option of 51 characters; RPM keeps at most 50"),
        ("set", "a, " + "x" * 51, "has an option of 51 characters; RPM keeps at most 50"),
    ],
)
def test_a_value_that_is_not_of_its_declared_type_is_refused(field: str, value: str, message: str) -> None:
    (problem,) = problems(f"Name: A\nFields:\n  {field}: {value}")
    assert problem == f'c/0.yaml:3:{len(field) + 5}: "Fields.{field}" {message}'


def test_every_type_may_be_cleared() -> None:
    assert problems("Name: A\nFields: {Tier: '', date: '', number: '', yesno: '', set: ''}") == []


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("Name: NULL", '1:7: warning: "Name" is the text NULL; write "" to clear a value'),
        ("Name: 'null'", '1:7: warning: "Name" is the text null; write "" to clear a value'),
        ("Name: A\nWebsite: ' x'", '2:10: warning: "Website" begins or ends with white space'),
        (
            "Name: A\nAddress: Suite 5 #400",
            f'2:10: warning: "Address" ends {COMMENT}',
        ),
        (
            'Name: "A"#1',
            f'1:7: warning: "Name" ends {COMMENT}',
        ),
        (
            "Name: A (renaming 123)",
            "1:7: warning: `Name` looks like the temporary name of an unfinished rename",
        ),
        ("Name: A\nFields: {' x': y}", '2:10: warning: the field name " x" begins or ends with white space'),
    ],
)
def test_what_is_doubtful_is_a_warning(text: str, warning: str) -> None:
    assert warnings(text) == [f"c/0.yaml:{warning}"]


@pytest.mark.parametrize("text", ["Name: A # b", "Name: A #", "Name: A ## b", "Name: A#1", "Name: 'A #1'"])
def test_an_ordinary_comment_is_not_doubtful(text: str) -> None:
    assert warnings(text) == []


@pytest.mark.row("F99")
@pytest.mark.row("F98")
def test_one_id_in_two_files_is_refused_with_both_places() -> None:
    assert problems("CustomerID: 7\nName: A", "CustomerID: 7\nName: B") == [
        "c/1.yaml:1:1: CustomerID 7 is also at c/0.yaml:1:1: write each customer once"
    ]


def test_names_that_are_one_for_rpm_are_refused_with_both_places() -> None:
    rule = "names are unique, whatever their case and outer spaces"
    assert problems("Name: Acme", "Name: Acme") == [
        f'c/1.yaml:1:7: the name "Acme" is also at c/0.yaml:1:7: {rule}'
    ]
    assert problems("Name: Straße", "Name: STRASSE") == [
        f'c/1.yaml:1:7: the name "STRASSE" is also at c/0.yaml:1:7 as "Straße": {rule}'
    ]


def test_a_customer_with_a_problem_still_collides() -> None:
    assert len(problems("Name: A\nfoo: x", "Name: a")) == 2


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        ("Fine 1", "\uff26ine ①", "differs only in compatibility characters from"),
        ("Acme", "\u0410cme", "looks like"),
        ("Bob's", "Bob’s", "looks like"),
        ("A-B", "A‑B", "looks like"),
        ("Istanbul", "İstanbul", "looks like"),
        ("\u0410cme", "\u0391cme", "looks like"),
    ],
)
def test_names_that_only_look_alike_are_a_warning(one: str, other: str, message: str) -> None:
    found = [
        warning for warning in warnings(f"Name: {one}", f"Name: {other}") if " at c/0.yaml:1:7" in warning
    ]
    assert len(found) == 1
    assert message in found[0]
    assert "it contains U+" in found[0]


def test_the_name_with_the_odd_character_is_warned_about_wherever_it_stands() -> None:
    (found,) = warnings("Name: Bob’s", "Name: Bob's")
    alike = 'the name "Bob’s" looks like "Bob\'s" at c/1.yaml:1:7'
    assert found == f"c/0.yaml:1:7: warning: {alike}: it contains U+2019 (RIGHT SINGLE QUOTATION MARK)"


def test_cleared_names_do_not_collide() -> None:
    assert len(problems("Name: ''", "Name: ''")) == 2


def test_names_in_other_alphabets_are_not_doubtful() -> None:
    assert warnings("Name: Ромашка", "Name: 日本電信電話", "Name: Café Zoë™", "Name: Ελλάς") == []


def test_at_most_a_hundred_problems_are_listed_and_the_rest_counted() -> None:
    read = manifest(*(f"Name: A{number}\nfoo: x\n" for number in range(PROBLEMS_LIMIT + 3)))
    assert len(read.problems) == PROBLEMS_LIMIT + 1
    assert str(read.problems[-1]).endswith(": and 3 more, the first of them here")
    assert len(manifest(*(f"Name: A{n}\nfoo: x\n" for n in range(PROBLEMS_LIMIT))).problems) == PROBLEMS_LIMIT


def test_a_file_is_read_by_itself() -> None:
    customers, wrong, doubtful = read_file(b"Name: A\nx: y\n---\nName: 'null'\n", "f", {})
    assert [customer.name for customer in customers] == ["A", "null"]
    assert ([problem.mark.line for problem in wrong], [warning.mark.line for warning in doubtful]) == (
        [2],
        [4],
    )


def test_a_message_never_repeats_a_value() -> None:
    secret = "s3cr3t"
    text = f"Name: A\nWebsite: ' {secret}'\nFields:\n  Tier: {secret}\n  date: {secret}\n  X: {secret} #{secret}\n"
    read = manifest(text, f"Name: B\nWebsite: {secret}: x\n", f'Name: C\nWebsite: "{secret}\\q"\n')
    assert len(read.problems) == 4
    assert len(read.warnings) == 2
    assert secret not in "".join(map(str, (*read.problems, *read.warnings)))
