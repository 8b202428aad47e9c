"""A site's file is changed at its end, whole or not at all, and says what it said before."""

import os
import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.site_file import (
    REASONS,
    Origin,
    SiteFileRefusedError,
    experiment_tables,
    find_site_file,
    read_site_file,
    with_experiments,
    write_site_file,
)
from service.core.sites import Experiment, Targeting

HERE, THERE = Origin("here", "it"), Origin("there", "it")
HERO = Experiment("running", ("a", "b"), "hero")
FULL = Experiment(
    "draft", ("a", "b", "c"), 'größe "q" \\ 🙂', (0.1, 0.2, 0.7), 1e-05, 1, ("n s", 0.0, 0.5),
    Targeting(device=("tv",), countries=("CH", "DE"), languages=("de-CH",)),
)  # fmt: skip
ABOVE = """# A shop.
id = "shop"  # the id

[experiments.hero]   # ours
status = "stopped"
# inside
variants = ["x", "y"]
seed = "old"
  [experiments.hero.when]
  countries = ["CH"]

# about the next
[ experiments . "next" ]
status = "draft"
variants = [
  "a",
  "b",
]
seed = "[experiments.hero]"

[slots.front]
options = ["x"]"""


def test_tables_are_added_at_the_end() -> None:
    """Everything above stays to the letter."""
    changed = with_experiments(ABOVE, {"big": FULL, "new": HERO}, {"big": THERE, "new": HERE})
    assert changed.startswith(ABOVE + "\n\n# from GrowthBook: there (feature it)\n[experiments.big]\n")
    assert changed.endswith(
        "\n\n# from GrowthBook: here (feature it)\n[experiments.new]\n"
        'status = "running"\nvariants = ["a", "b"]\nseed = "hero"\ncoverage = 1.0\nhash_version = 2\n'
    )
    found = tomllib.loads(changed)["experiments"]
    assert msgspec.convert(found["big"], Experiment) == FULL
    assert msgspec.convert(found["new"], Experiment) == HERO


def test_a_table_is_replaced_with_what_belongs_to_it() -> None:
    """Tables under it go too; comments above it and above the next stay, and what only looks like it."""
    changed = with_experiments(ABOVE, {"hero": HERO}, {"hero": HERE})
    assert changed == ABOVE[: ABOVE.index("\n\n[experiments.hero]")] + "\n" + ABOVE[ABOVE.index("\n# about the") :] + (
        "\n\n# from GrowthBook: here (feature it)\n[experiments.hero]\n"
        'status = "running"\nvariants = ["a", "b"]\nseed = "hero"\ncoverage = 1.0\nhash_version = 2\n'
    )


def test_to_replace_again_changes_nothing_more() -> None:
    """What was written here is found again, with the line above it."""
    once = with_experiments(ABOVE, {"hero": HERO, "big": FULL}, {"hero": HERE, "big": THERE})
    assert with_experiments(once, {"hero": HERO, "big": FULL}, {"hero": HERE, "big": THERE}) == once
    other = with_experiments(once, {"hero": FULL}, {"hero": HERE})
    assert other.count("# from GrowthBook: here (feature it)") == 1
    assert other.count("# from GrowthBook: there (feature it)") == 1


@pytest.mark.parametrize(
    "line",
    [
        "# from now on this belongs to Anna",
        "# from GrowthBook",
        "# from GrowthBook: agreed with Anna",
        "## from GrowthBook: hero (feature it)",
        "# note\u2028[experiments.hero]",
        "# note\x85[experiments.hero]",
    ],
)
def test_a_comment_of_the_operator_stays_whatever_it_looks_like(line: str) -> None:
    """Only the whole line that is written here counts as ours, and a line of TOML ends at its end of line alone."""
    text = f'id = "shop"\n\n{line}\n[experiments.hero]\nseed = "old"\n'
    changed = with_experiments(text, {"hero": HERO}, {"hero": HERE})
    assert changed.startswith(f'id = "shop"\n\n{line}\n\n# from GrowthBook: here (feature it)\n[experiments.hero]\n')


def test_comments_right_below_a_table_go_with_it() -> None:
    """Up to a blank line: such as keys that somebody took out. What comes after it is of the next table."""
    text = """[experiments.hero]
seed = "old"
# namespace = ["checkout", 0.0, 0.5]
# when = { countries = ["CH"] }

# about the next

[experiments.next]
seed = "x"

[experiments.big]
seed = "big"

# whom it is for
[experiments.big.when]
countries = ["CH"]
# languages = ["de"]
"""
    changed = with_experiments(text, {"hero": HERO, "big": HERO}, {"hero": HERE, "big": THERE})
    assert [line for line in changed.splitlines() if line.startswith("#")] == [
        "# about the next",
        "# from GrowthBook: here (feature it)",
        "# from GrowthBook: there (feature it)",
    ]


def test_what_a_variant_serves_stands_beside_its_name() -> None:
    """In GrowthBook's words, where they are others: short, and in signs that a comment may have."""
    experiment = Experiment("running", ("v0", "v1", "v2", "on", "same"), "hero")
    values = ("größe\x7f\n[experiments.x]\u2028\u202e", {"a": [1, None]}, "x" * 99, True, "same")
    (text,) = [experiment_tables({"hero": experiment}, {"hero": Origin("k", "f", values)})]
    assert text.split("\n")[:7] == [
        "# from GrowthBook: k (feature f)",
        "[experiments.hero]",
        r'# v0 = "gr\u00f6\u00dfe\u007f\n[experiments.x]\u2028\u202e"',
        '# v1 = {"a": [1, null]}',
        f'# v2 = "{"x" * 59}...',
        "# on = true",
        'status = "running"',
    ]
    once = with_experiments(ABOVE, {"hero": experiment}, {"hero": Origin("k", "f", values)})
    assert with_experiments(once, {"hero": experiment}, {"hero": Origin("k", "f", values)}) == once


def test_ends_of_lines_stay_what_they_are() -> None:
    """A file from Windows stays one."""
    changed = with_experiments(ABOVE.replace("\n", "\r\n"), {"hero": HERO}, {"hero": HERE})
    assert changed.count("\n") == changed.count("\r\n")


@pytest.mark.parametrize("text", [ABOVE, "[experiments.hero]\nseed = 'x'\n", 'id = "shop"\n', ""])
def test_a_byte_order_mark_stays_where_it_is(text: str) -> None:
    """At the beginning, once, also where the first table goes; without it nothing else would be written."""
    marked = with_experiments("\ufeff" + text, {"hero": HERO}, {"hero": HERE})
    assert marked == "\ufeff" + with_experiments(text, {"hero": HERO}, {"hero": HERE})


@pytest.mark.parametrize(
    "text",
    [
        'experiments = { old = { seed = "x" } }\n',
        '[experiments]\nhero.seed = "x"\n',
        '[experiments]\nhero = { seed = "x" }\n',
        'experiments.hero.seed = "x"\n',
        '[experiments."he\\u0072o"]\nseed = "x"\n',
        '[experiments.hero]\nnote = """\n[other]\n"""\n',
        '[experiments.hero]\nvariants = [\n  ["a"]\n]\n',
        '[experiments.other]\nnote = """\n[experiments.hero]\n"""\n[experiments.hero]\nseed = "x"\n',
        "no toml",
    ],
)
def test_what_only_a_person_can_change_is_left_to_one(text: str) -> None:
    """Rather than a guess."""
    with pytest.raises(SiteFileRefusedError) as caught:
        with_experiments(text, {"hero": HERO}, {"hero": HERE})
    assert (caught.value.reason, str(caught.value)) == ("tangled", REASONS["tangled"])


printable = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
keys = st.from_regex(r"[a-z][a-z0-9_-]{0,5}", fullmatch=True)
experiments = st.builds(
    Experiment,
    status=st.sampled_from(["draft", "running", "stopped"]),
    variants=st.lists(keys, min_size=2, max_size=4).map(tuple),
    seed=printable,
    weights=st.lists(st.floats(0, 1), max_size=3).map(tuple),
    coverage=st.floats(0, 1),
    hash_version=st.sampled_from([1, 2]),
    namespace=st.none() | st.tuples(printable, st.floats(0, 1), st.floats(0, 1)),
    when=st.builds(Targeting, countries=st.lists(st.sampled_from(["CH", "DE"])).map(tuple)),
)


@given(st.dictionaries(keys, experiments, min_size=1, max_size=4))
def test_every_experiment_comes_back_as_it_was(found: dict[str, Experiment]) -> None:
    """Through TOML, to the last digit."""
    read = tomllib.loads(experiment_tables(found, dict.fromkeys(found, HERE)))["experiments"]
    assert msgspec.convert(read, dict[str, Experiment]) == found


odd = st.text(
    st.characters(exclude_characters="\n\r\x7f", exclude_categories=("Cc", "Cs"))
    | st.sampled_from("\t\x80\x85\u2028\u2029[]\"'#")
)


@given(st.lists(st.tuples(odd, odd), min_size=1, max_size=4), st.sampled_from(["\n", "\r\n"]))
def test_comments_survive_whatever_is_in_them(comments: list[tuple[str, str]], ending: str) -> None:
    """Above, behind and below what stays, and above what goes."""
    lines = ['id = "shop"', "", *(f"# {one}" for one, _ in comments), "", "[experiments.hero]", 'seed = "old"', ""]
    for index, (one, other) in enumerate(comments):
        lines += [f"# {other}", f"[experiments.e{index}] # {one}", f'seed = "x" # {other}', f"# {one}", ""]
    text = ending.join(lines)
    changed = with_experiments(text, {"hero": HERO}, {"hero": HERE})
    kept = [line for line in lines if "#" in line]
    assert [line for line in changed.split(ending) if "#" in line] == [*kept, "# from GrowthBook: here (feature it)"]


@given(
    odd.filter(lambda it: it.isprintable()),
    odd.filter(lambda it: it.isprintable()),
    st.lists(st.text() | st.integers() | st.none(), max_size=3),
)
def test_a_table_with_any_values_is_toml(key: str, feature: str, values: list[object]) -> None:
    """Its comments hold nothing that ends them."""
    experiment = Experiment("running", ("v0", "v1", "v2"), "hero")
    text = experiment_tables({"hero": experiment}, {"hero": Origin(key, feature, tuple(values))})
    assert msgspec.convert(tomllib.loads(text)["experiments"]["hero"], Experiment) == experiment


def test_the_file_of_a_site_is_found_by_its_id(tmp_path: Path) -> None:
    """Whatever it is called; others may be broken."""
    (tmp_path / "a.toml").write_text("broken")
    (tmp_path / "b.toml").write_text('id = "other"\n')
    os.mkfifo(tmp_path / "b2.toml")  # which nobody writes to
    (tmp_path / ".#b.toml").write_text('id = "shop"\n')  # an editor's
    (tmp_path / "c.toml").write_bytes(b'\xef\xbb\xbfid = "shop"\n')
    assert find_site_file(tmp_path, "shop") == tmp_path / "c.toml"
    with pytest.raises(SiteFileRefusedError, match="no file in sites_dir"):
        find_site_file(tmp_path, "none")


def test_a_file_is_written_whole_with_the_mode_it_had(tmp_path: Path) -> None:
    """Through a link, which stays."""
    file, link = tmp_path / "real.toml", tmp_path / "link.toml"
    file.write_bytes(b"a = 1\r\n")
    file.chmod(0o640)
    link.symlink_to(file)
    before = read_site_file(link)
    write_site_file(link, before, before + "ü = 2\r\n")
    assert link.is_symlink()
    assert file.read_bytes() == "a = 1\r\nü = 2\r\n".encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.toml", "real.toml"]


def test_a_file_that_somebody_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    """Their change is not undone."""
    file = tmp_path / "a.toml"
    file.write_text("theirs = 1\n")
    with pytest.raises(SiteFileRefusedError, match="somebody else"):
        write_site_file(file, "ours = 1\n", "ours = 2\n")
    assert file.read_text() == "theirs = 1\n"


def test_what_cannot_be_read_or_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No UTF-8, no file, a full disk."""
    (tmp_path / "a.toml").write_bytes(b"\xff")
    for name in ("a.toml", "none.toml"):
        with pytest.raises(SiteFileRefusedError, match="cannot be read"):
            read_site_file(tmp_path / name)
    file = tmp_path / "b.toml"
    file.write_text("a = 1\n")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SiteFileRefusedError, match="cannot be written"):
        write_site_file(file, "a = 1\n", "a = 2\n")
    assert file.read_text() == "a = 1\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.toml", "b.toml"]
