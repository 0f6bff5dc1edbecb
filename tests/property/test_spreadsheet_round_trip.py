"""What `list --format csv` writes, `set --from` takes back without a change, whatever the files hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.field_types import CompareRules, Date, Number, SetOf, YesNo
from reconciler.customers.bulk_edit import edit_by_sheet
from reconciler.customers.listing import customer_table, table_csv
from reconciler.customers.manifest import combine, read_file
from reconciler.customers.spreadsheet import read_sheet
from tests.kit.yamlfiles import customer_files

if TYPE_CHECKING:
    from tests.kit.yamlfiles import YamlFile

RULES = [
    CompareRules(),
    CompareRules(
        {"Fields.Zip": Date(), "Fields.Tier": Number(), "Fields.it's": SetOf(), "Fields.#odd": YesNo()}
    ),
    CompareRules(mask=frozenset({"Fields.Zip", "Website"})),
]
HARMED = [
    "=1",
    "+x",
    "-5",
    "@y",
    "'z",
    "''",
    "1.00E+05",
    "4/16/2026",
    "TRUE",
    "#N/A",
    "01",
    "a,b;c",
    'q"',
    "x\r\ny",
]


@given(
    file=customer_files(), rules=st.sampled_from(RULES), values=st.lists(st.sampled_from(HARMED), max_size=3)
)
def test_a_list_comes_back_as_no_edit(file: YamlFile, rules: CompareRules, values: list[str]) -> None:
    """Every value is found again in its cell, and is what the file says."""
    more = "".join(
        f'---\nCustomerID: {100 + i}\nName: More {i}\nFields: {{Zip: "{escaped(it)}", Own: "{escaped(it)}"}}\n'
        for i, it in enumerate(values)
    )
    reads = [read_file(file.content, "a", {}), *([read_file(more.encode(), "b", {})] if more else [])]
    manifest = combine(reads)
    assert manifest.problems == ()
    content = table_csv(customer_table(manifest.customers, rules))
    bulk = edit_by_sheet(read_sheet(content, "f.csv"), manifest.customers, rules, clear=None)
    assert (bulk.problems, bulk.changes) == ([], [])
    shown = sum(
        bool(text) for it in manifest.customers for path, text in it.values.items() if path not in rules.mask
    )
    without_id = sum(it.customer_id is None for it in manifest.customers)
    assert bulk.unchanged == shown - without_id


def escaped(text: str) -> str:
    """A text inside double quotes of YAML."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\r\n", "\\r\\n")
