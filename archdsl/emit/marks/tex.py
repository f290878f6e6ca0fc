"""Turns text into LaTeX that sets it, in ASCII alone."""

from __future__ import annotations

import re
import unicodedata

from archdsl.emit.marks.font import printable

UNKNOWN = r"\unknown"  # a command of one argument, the number of a character that LaTeX has no command for


def _pairs(text: str) -> dict[str, str]:
    """Characters and their commands, in turn."""
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


_NAMES = _pairs(r"""
    \ textbackslash  ^ textasciicircum  ~ textasciitilde  " textquotedbl  ' textquotesingle  ` textasciigrave
    ‘ textquoteleft  ’ textquoteright  “ textquotedblleft  ” textquotedblright  ‚ quotesinglbase  „ quotedblbase
    « guillemotleft  » guillemotright  ‹ guilsinglleft  › guilsinglright  ¡ textexclamdown  ¿ textquestiondown
    – textendash  — textemdash  … textellipsis  • textbullet  · textperiodcentered  ⋅ textperiodcentered
    × texttimes  ÷ textdiv  − textminus  ± textpm  ¬ textlnot  µ textmu  ° textdegree  § S  ¶ P  † dag  ‡ ddag
    © textcopyright  ® textregistered  ™ texttrademark  € texteuro  £ textsterling  ¥ textyen  ¢ textcent
    ½ textonehalf  ¼ textonequarter  ¾ textthreequarters
    ß ss  æ ae  Æ AE  ø o  Ø O  œ oe  Œ OE  ł l  Ł L  đ dj  Đ DJ  ð dh  Ð DH  þ th  Þ TH  ı i  ŋ ng  Ŋ NG
""")
_MATHEMATICS = _pairs(r"""
    → to  ← leftarrow  ↑ uparrow  ↓ downarrow  ↔ leftrightarrow  ↕ updownarrow  ⇒ Rightarrow  ⇔ Leftrightarrow
    ↻ circlearrowright  ↺ circlearrowleft  ↦ mapsto  ⊕ oplus  ⊖ ominus  ⊗ otimes  ⊘ oslash  ⊙ odot
    ∘ circ  ◦ circ  ∗ ast  ∑ sum  ∏ prod  ∫ int  √ surd  ∞ infty  ∂ partial  ∇ nabla  ∆ Delta  Ω Omega  ∩ cap  ∪ cup
    ≤ leq  ≥ geq  ≠ neq  ≈ approx  ≡ equiv  ∈ in  ∉ notin  ∅ emptyset  ∥ parallel  ‖ |  ∧ wedge  ∨ vee
    ⌊ lfloor  ⌋ rfloor  ⌈ lceil  ⌉ rceil  ⟨ langle  ⟩ rangle  ′ prime
    ■ blacksquare  □ square  ▲ blacktriangle  ▼ blacktriangledown  ● bullet  ○ circ  ◊ lozenge
    ε varepsilon  ϵ epsilon  φ varphi  ϕ phi  ϑ vartheta  ϱ varrho
""")
_GREEK = re.compile("GREEK (SMALL|CAPITAL) LETTER (FINAL )?([A-Z]+)")
_OWN_CAPITALS = {"GAMMA", "DELTA", "THETA", "LAMBDA", "XI", "PI", "SIGMA", "UPSILON", "PHI", "PSI", "OMEGA"}
_LATIN = {"ETA": "H", "RHO": "P", "CHI": "X"}  # other capitals that look as Latin ones begin with them
# Combining accents and their commands: grave, acute, circumflex, tilde, diaeresis, ring, caron, double acute, macron,
# breve, dot, cedilla, ogonek.
_ACCENTS = dict(
    zip("\u0300\u0301\u0302\u0303\u0308\u030a\u030c\u030b\u0304\u0306\u0307\u0327\u0328", "`'^~\"rvH=u.ck", strict=True)
)
_TOUCHING = re.compile("(?<=[-<>,])(?=[-<>,])")  # what LaTeX would make one sign of


def tex(text: str) -> str:
    """`text` on one line as LaTeX for a document with T1 fonts and amssymb; spaces count as they stand."""
    text = printable(text)
    last = len(text) - 1
    parts = [r"\ " if c == " " and (i in (0, last) or text[i - 1] == " ") else _sign(c) for i, c in enumerate(text)]
    return _TOUCHING.sub(r"{\\kern0pt}", "".join(parts))


def comment(text: str) -> str:
    """`text` as what may stand behind a percent sign."""
    return printable(text).strip()


def _sign(character: str) -> str:
    if character in _NAMES:
        return f"\\{_NAMES[character]}{{}}"
    if character in "{}%$#&_":
        return f"\\{character}"
    if character.isascii():
        return character
    if character in _MATHEMATICS:
        return f"$\\{_MATHEMATICS[character]}$"
    return _greek(character) or _decomposed(character) or f"{UNKNOWN}{{{ord(character):X}}}"


def _greek(character: str) -> str:
    """One of the 24 letters of Greek without an accent, or final sigma; "" for what is none."""
    found = _GREEK.fullmatch(unicodedata.name(character, "")) if "Α" <= character <= "ω" else None
    if not found:
        return ""
    case, final, name = found.groups()
    name = name.replace("LAMDA", "LAMBDA")  # as Unicode spells it
    if name == "OMICRON" or (case == "CAPITAL" and name not in _OWN_CAPITALS):
        latin = _LATIN.get(name, name[0])
        return latin if case == "CAPITAL" else latin.lower()
    return f"$\\{'var' if final else ''}{name.lower() if case == 'SMALL' else name.capitalize()}$"


def _decomposed(character: str) -> str:
    """A letter with an accent, or what is raised or lowered; "" for all else."""
    kind, *codes = unicodedata.decomposition(character).split() or [""]
    if kind in ("<super>", "<sub>"):
        inside = "".join(_sign(chr(int(code, 16))) for code in codes)
        return rf"\text{kind[1:-1]}script{{{inside}}}" if UNKNOWN not in inside else ""
    apart = unicodedata.normalize("NFD", character)
    if len(apart) == 2 and apart[0].isascii() and apart[1] in _ACCENTS:
        return f"\\{_ACCENTS[apart[1]]}{{{apart[0]}}}"
    return ""
