"""`# archdsl: ignore[…]`: where it stands, what it hides, and what is said of one that hides nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

import archdsl
from archdsl.lint.ignores import ignores
from archdsl.lint.lint_file import lint_source
from archdsl.source import Source

BIAS = "network net(x: [8, 4, 4]) = x -> conv(8, 3) -> bn"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x = 1  # archdsl: ignore[a]", [("a", 1)]),
        ("x = 1  #archdsl:ignore [ a , b-c ]  more", [("a", 1), ("b-c", 1)]),
        ("# archdsl: ignore[a]\n\n# more\nx = 1", [("a", 4)]),
        ("# archdsl: ignore[a]\n# archdsl: ignore[b]\nx = 1", [("a", 3), ("b", 3)]),
        ("# archdsl: ignore[a]", [("a", 1)]),
        ("x = 1  # archdsl: ignore", [("", 1)]),
        ("x = 1  # archdsl: ignore[]", [("", 1)]),
        ("x = 1  # because  # archdsl: ignore[a]", [("a", 1)]),
        ('x = "# archdsl: ignore[a]"', []),
        ("x = '# archdsl: ignore[a]'  # archdsl: ignore[b]", [("b", 1)]),
        ("x = 1  # archdsl ignores [a]", []),
        ("x = 1  # noqa", []),
        ('x = "open\n# archdsl: ignore[a]\ny = 2', [("a", 3)]),
        ("", []),
    ],
)
def test_where_comments_stand(text: str, found: list[tuple[str, int]]) -> None:
    made = ignores(Source("test.arch", text))
    assert [(ignore.rule, ignore.line) for ignore in made] == found
    assert all(ignore.span.text == ignore.rule for ignore in made if ignore.rule)


def messages(text: str, **severities: str) -> list[tuple[str, str, str]]:
    off = {"small-receptive-field": "off", "g4-elementwise": "off"}
    found = lint_source(Source("test.arch", text), {**off, **{k.replace("_", "-"): v for k, v in severities.items()}})
    return [(finding.rule.name, finding.severity, finding.message) for finding in found]


def test_unknown_names_are_warned_of() -> None:
    (found,) = messages(f"{BIAS}  # archdsl: ignore[bias-before-norm, bias-before-nrom]")
    assert found == ("unknown-rule", "warning", "there is no rule bias-before-nrom")
    assert [name for name, _, _ in messages(f"{BIAS}  # archdsl: ignore")] == ["bias-before-norm", "unknown-rule"]


def test_unused_ignores_are_told() -> None:
    text = f"{BIAS}  # archdsl: ignore[bias-before-norm, repeated-norm]"
    assert messages(text) == [("unused-ignore", "info", "repeated-norm has nothing to say about line 1")]
    assert messages(text, unused_ignore="error")[0][1] == "error"
    assert messages(text, unused_ignore="off") == []


def test_an_ignore_of_a_rule_that_is_off_is_not_unused() -> None:
    text = f"{BIAS}  # archdsl: ignore[bias-before-norm]"
    assert messages(text) == []
    assert messages(text, bias_before_norm="off") == []


def test_ignores_hide_results_that_nobody_uses() -> None:
    text = "block b(x) {\n    y = x -> conv(8)  # archdsl: ignore[dead-branch]\n    return x -> relu\n}\n"
    assert messages(text + "network net(x: [8, 4, 4]) = x -> b") == []


def test_a_network_alone_honours_them_and_says_nothing_of_unused_ones() -> None:
    hidden = archdsl.loads(f"{BIAS}  # archdsl: ignore[bias-before-norm, repeated-norm, nothing]").lint()
    assert [finding.rule.name for finding in hidden if finding.severity == "warning"] == []
    assert "unused-ignore" not in {finding.rule.name for finding in hidden}


def test_a_comment_in_an_imported_file_counts(tmp_path: Path) -> None:
    (tmp_path / "parts.arch").write_text("block part(x) = x -> conv(8, 3) -> bn  # archdsl: ignore[bias-before-norm]\n")
    path = tmp_path / "net.arch"
    path.write_text("import parts: part\nnetwork net(x: [8, 4, 4]) = x -> part\n")
    found = lint_source(Source(str(path), path.read_text()), {"g4-elementwise": "off"})
    assert [finding.rule.name for finding in found] == []
