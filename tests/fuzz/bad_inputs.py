"""Specs that try to hang the compiler or fill the memory: name -> (what makes the text, codes of its diagnostics)."""

from __future__ import annotations

from collections.abc import Callable

HEAD = "network net(x: [16, 8, 8]) "
NET = HEAD + "= x -> "


def body(*lines: str) -> str:
    """A network with these statements."""
    return HEAD + "{\n" + "\n".join(f"    {line}" for line in lines) + "\n    return x -> relu\n}\n"


def doubled(start: str, step: str, times: int = 60) -> str:
    """A network that does one step again and again, without a loop."""
    return body(start, *[step] * times)


TEXTS: dict[str, tuple[Callable[[], str], set[str]]] = {
    # --- text ---
    "empty": (lambda: "", {"no-network"}),
    "blank lines": (lambda: "\n" * 500_000, {"no-network"}),
    "comments": (lambda: "# nothing\n" * 100_000, {"no-network"}),
    "one long line": (lambda: "a" * 1_000_000, {"stray-statement"}),
    "nul bytes": (lambda: "\0" * 10_000, {"bad-character"}),
    "control characters": (lambda: "".join(map(chr, range(32))) * 1000, {"bad-character"}),
    "text of ten megabytes": (lambda: "a = 1\n" * 1_700_000, {"file-too-large"}),
    "one million letters in a name": (lambda: NET + "a" * 900_000, {"unknown-name"}),
    "surrogates and joiners": (lambda: "\u200d\ufeff\u202e\u2028\x85" * 1000, {"bad-character"}),
    "unicode identifiers": (lambda: "block блок(x) = x -> relu\n" + NET + "блок", {"bad-character"}),
    "fullwidth identifiers": (lambda: body("ｘ = 1", "x² = 2"), {"bad-character"}),
    "one hundred thousand brackets": (lambda: "a = " + "[" * 100_000, {"too-many-tokens"}),
    "one hundred thousand closed brackets": (lambda: "a = " + "[" * 50_000 + "]" * 50_000, {"too-many-tokens"}),
    "brackets of all kinds": (lambda: "a = " + "([{" * 30_000, {"too-deep"}),
    "closing brackets": (lambda: "a = " + ")" * 100_000, {"too-many-tokens"}),
    "unclosed braces": (lambda: (HEAD + "{\n") * 1000, {"unclosed-bracket"}),
    "nested ifs": (lambda: body("if true {" * 5000 + "}" * 5000), {"too-deep"}),
    "unclosed strings": (lambda: 'a = "\n' * 50_000, {"too-many-tokens"}),
    "quotes": (lambda: '"' * 99_999, {"unclosed-string"}),
    "minus signs": (lambda: "a = " + "-" * 99_000 + "1", {"too-deep"}),
    "spaced minus signs": (lambda: "a = " + "- " * 49_000 + "1", {"too-deep"}),
    "nots": (lambda: "a = " + "not " * 49_000 + "true", {"too-deep"}),
    "powers": (lambda: "a = 2" + " ** 2" * 40_000, {"too-many-tokens"}),
    "calls of calls": (lambda: NET + "relu" + "()" * 40_000, {"too-deep"}),
    "attributes of attributes": (lambda: body("a = x" + ".shape" * 40_000), {"too-deep"}),
    "indices of indices": (lambda: body("a = x.shape" + "[0]" * 30_000), {"too-deep"}),
    "deep ternaries": (lambda: "a = " + "1 if true else " * 30_000 + "2", {"too-many-tokens"}),
    "ternaries in ternaries": (lambda: "a = " + "(" * 90 + "1" + " if true else 2)" * 90, {"no-network"}),
    "deep elif": (lambda: body("if false { a = 1 }" + " elif false { a = 1 }" * 12_000), set()),
    "one hundred thousand definitions": (lambda: "".join(f"a{i} = {i}\n" for i in range(33_000)), {"no-network"}),
    "one name defined again and again": (lambda: "a = 1\n" * 20_000, {"duplicate-definition"}),
    "an import of five thousand letters": (lambda: f"import {'a' * 5000}: b\n" + NET + "b", {"unknown-file"}),
    "a range longer than any list": (
        lambda: body("a, b = range(-9_000_000_000_000_000_000, 9_000_000_000_000_000_000)"),
        {"unpack-length"},
    ),
    "claims about more paths than a float holds": (
        lambda: "@expect(paths = 5)\n" + NET + "(id + relu) * 2000",
        {"expect-mismatch"},
    ),
    "claims about more paths than Python writes": (
        lambda: "@expect(paths = 5)\n" + NET + "(id + relu) * 20_000",
        {"expect-mismatch"},
    ),
    "constants in a row": (
        lambda: "".join(f"a{i} = a{i + 1}\n" for i in range(20_000)) + "a20000 = 1\n",
        {"no-network"},
    ),
    "twenty thousand unknown names": (lambda: body(*[f"a{i} = b{i}" for i in range(20_000)]), {"unknown-name"}),
    "twenty thousand syntax errors": (lambda: "block b(x) = ->\n" * 12_000, {"expected-expression"}),
    "many decorators": (lambda: "@cite('a')\n" * 15_000 + NET + "relu", set()),
    # --- mistakes made again and again ---
    "unknown name in a long loop": (
        lambda: body("for i in range(10 ** 6) { a = b }"),
        {"too-many-evaluations", "unknown-name"},
    ),
    "unknown argument in a long loop": (
        lambda: body("for i in range(10 ** 6) { a = conv(16, kernal = 3) }"),
        {"too-many-evaluations", "unknown-argument"},
    ),
    "unfit operands in a long loop": (
        lambda: body("for i in range(10 ** 6) { a = 1 + [] }"),
        {"too-many-evaluations", "wrong-operands"},
    ),
    "unfit shapes in a long loop": (
        lambda: body("for i in range(10 ** 6) { a = x -> conv(16, 99) }"),
        {"too-many-ops"},
    ),
    "unused tensors in a long loop": (lambda: body("for i in range(10 ** 6) { a = x -> relu }"), {"too-many-ops"}),
    "mistakes in one hundred thousand blocks": (
        lambda: "block b(x; i) = x -> conv(-i)\n" + body("for i in range(10 ** 5) { a = x -> b(i) }"),
        {"bad-argument", "too-many-evaluations"},
    ),
    "unknown names in many functions": (lambda: "".join(f"fn f{i}(a) = g{i}\n" for i in range(8000)), {"unknown-name"}),
    "long name close to another": (lambda: "a" * 300_000 + " = 1\nb = " + "a" * 300_001 + "\n", {"unknown-name"}),
    "many networks out of budget": (
        lambda: "".join(
            f"network n{i}(x: [1]) {{\n for i in range(10 ** 7) {{ a = 1 }}\n return x\n}}\n" for i in range(500)
        ),
        {"too-many-steps"},
    ),
    # --- numbers and text ---
    "huge int": (lambda: "a = 10 ** 10 ** 10", {"number-too-large"}),
    "huger int": (lambda: "a = 9 ** 9 ** 9 ** 9", {"number-too-large"}),
    "long literal": (lambda: "a = " + "9" * 100_000, {"bad-number"}),
    "long float literal": (lambda: "a = 0." + "9" * 100_000 + "e999999999", {"bad-number"}),
    "float overflow": (
        lambda: "a = 1e308 * 10\nb = 10.0 ** 400\nc = 2.0 ** 100000",
        {"bad-number", "number-too-large"},
    ),
    "power overflow": (
        lambda: "a = (2 ** 62) ** 1.5e300\nb = 0 ** -1\nc = 0.0 ** -1",
        {"division-by-zero", "number-too-large"},
    ),
    "int of text": (lambda: 'a = int("' + "9" * 5000 + '")\nb = int("--3")\nc = int("٣")', {"wrong-kind"}),
    "int of infinity": (
        lambda: "a = int(1e300)\nb = round(1e300)\nc = floor(-1e300)\nd = sqrt(1e300 * 1e5)",
        {"number-too-large"},
    ),
    "round digits": (lambda: "a = round(1.5, 10 ** 15)\nb = round(2 ** 62, -30)", {"wrong-kind"}),
    "conv of 2**62": (lambda: NET + "conv(2 ** 62)", {"bad-argument"}),
    "conv of many zeros": (lambda: NET + "conv(2 ** 31 - 1, 2 ** 20 + 1)", {"too-large"}),
    "linear of many zeros": (lambda: NET + "flatten -> linear(2 ** 31 - 1) -> linear(2 ** 31 - 1)", {"too-large"}),
    "size of many zeros": (lambda: "network net(x: [2 ** 30, 2 ** 30, 2 ** 30]) = x -> relu -> flatten", {"too-large"}),
    "text times 10**9": (lambda: 'a = "x" * 10 ** 9', {"list-too-long"}),
    "text doubled": (lambda: doubled('a = "x"', "a = a + a"), {"list-too-long"}),
    "interpolation doubled": (lambda: doubled('a = "x"', 'a = "{a}{a}{a}{a}"'), {"list-too-long"}),
    "interpolation of many parts": (lambda: body('a = "xxxxxxxxxxxxxxxx"', 'b = "' + "{a}" * 20_000 + '"'), set()),
    # --- lists ---
    "range of 10**12 looped": (lambda: body("for i in range(10 ** 12) { a = i }"), {"too-many-steps"}),
    "range of 10**12 listed": (lambda: "a = [i for i in range(10 ** 12)]\n", {"too-many-steps"}),
    "range of 10**12 written out": (lambda: "a = range(10 ** 12) + []\n", {"list-too-long"}),
    "range of 10**12 summed": (lambda: "a = sum(range(10 ** 12))\nb = max(range(10 ** 12))", {"list-too-long"}),
    "range of 10**18 counted": (lambda: "a = len(range(-2 ** 62, 2 ** 62))\nb = range(2 ** 62)[-1]", {"no-network"}),
    "range of 10**12 unpacked": (
        lambda: "block b(x) {\n a, b = range(10 ** 12)\n return x\n}\n" + NET + "b",
        {"unpack-length"},
    ),
    "range of 10**12 compared": (
        lambda: "a = range(10 ** 12) == range(10 ** 12)\nb = 3 in range(10 ** 12)",
        {"no-network"},
    ),
    "range of 10**12 reversed": (
        lambda: "a = reversed(range(10 ** 12))\nb = zip(a, a)\nc = enumerate(a)",
        {"list-too-long"},
    ),
    "list of 100,000": (lambda: "a = [" + "1, " * 48_000 + "]\n" + NET + "relu", {"unused-definition"}),
    "list times 10**9": (lambda: "a = [1] * 10 ** 9", {"list-too-long"}),
    "list doubled by nesting": (lambda: doubled("a = [1]", "a = [a, a]"), {"list-too-long"}),
    "list doubled by adding": (lambda: doubled("a = [1]", "a = a + a"), {"list-too-long"}),
    "list grown in a loop": (
        lambda: body("a = []", "for i in range(10 ** 6) { a = a + [i] }"),
        {"too-many-evaluations"},
    ),
    "list nested in a loop": (lambda: body("a = []", "for i in range(10 ** 6) { a = [a] }"), {"nested-too-deep"}),
    "list sliced in a loop": (
        lambda: body("a = [1] * 999999", "for i in range(10 ** 6) { b = a[1:] }"),
        {"list-too-long"},
    ),
    "list compared in a loop": (
        lambda: body("a = [1] * 999999", "for i in range(10 ** 6) { b = a == a }"),
        {"list-too-long"},
    ),
    "list searched in a loop": (
        lambda: body("a = [1] * 999999", "for i in range(10 ** 6) { b = 2 in a }"),
        {"list-too-long"},
    ),
    "list summed in a loop": (
        lambda: body("a = [1] * 999999", "for i in range(10 ** 6) { b = sum(a) }"),
        {"list-too-long"},
    ),
    "list indexed in a loop": (
        lambda: body("a = [1] * 999", "for i in range(10 ** 6) { b = a[0] }"),
        {"too-many-evaluations"},
    ),
    "comprehension of 10**12": (lambda: "a = [1 for i in range(10 ** 6) for j in range(10 ** 6)]", {"too-many-steps"}),
    "comprehension of nothing": (
        lambda: "a = [1 for i in range(10 ** 6) for j in range(10 ** 6) if false]",
        {"too-many-steps"},
    ),
    "comprehensions in comprehensions": (
        lambda: "a = " + "[" * 50 + "1" + " for i in range(9)]" * 50,
        {"too-many-evaluations"},
    ),
    "zip of many": (lambda: "a = [1] * 100000\nb = zip(" + "a, " * 1000 + "a)", {"list-too-long"}),
    # --- stages ---
    "relu a million times": (lambda: NET + "relu * 10 ** 6", {"too-many-ops"}),
    "relu a billion times": (lambda: NET + "relu * 10 ** 9", {"too-many-ops"}),
    "relu 200,000 times": (lambda: NET + "relu * 200000", set()),
    "repeats of repeats": (lambda: NET + "relu" + " * 1000" * 30, {"too-many-ops"}),
    "stage doubled": (lambda: doubled("f = relu", "f = f -> f"), {"too-many-ops"}),
    "stage doubled in a loop": (lambda: body("f = relu", "for i in range(1000) { f = f -> f }"), {"too-many-ops"}),
    "stage added to itself": (lambda: doubled("f = relu", "f = f + f"), {"too-many-ops"}),
    "stage nested 100,000 times": (
        lambda: body("f = relu", "for i in range(100000) { f = id + f }"),
        {"nested-too-deep"},
    ),
    "fan-out nested 100,000 times": (
        lambda: body("f = [relu]", "for i in range(100000) { f = [f] }"),
        {"nested-too-deep"},
    ),
    "stage chained 100,000 times": (
        lambda: body("f = relu", "for i in range(100000) { f = f -> relu }"),
        {"too-many-evaluations"},
    ),
    "empty stage a billion times": (lambda: NET + "id * 10 ** 9", set()),
    "empty stages nested": (lambda: NET + "((id * 10 ** 9) * 10 ** 9) * 10 ** 9", set()),
    "fan-out of nothing": (lambda: NET + "[] * 10 ** 9", {"list-too-long"}),
    "fan-out of a billion": (lambda: NET + "[relu] * 10 ** 9 -> add", {"list-too-long"}),
    "fan-out of 100,000": (lambda: NET + "[relu] * 100000 -> add", set()),
    "concat of 100,000": (lambda: NET + "[id] * 100000 -> concat", set()),
    "chain of 40,000": (lambda: NET + "relu -> " * 40_000 + "relu", {"too-many-tokens"}),
    "sum of 40,000": (lambda: "a = 1" + " + 1" * 40_000, {"no-network"}),
    "tensor sum of 40,000": (lambda: HEAD + "= x" + " + x" * 40_000, set()),
    "shared stage many times": (
        lambda: body("shared f = conv(16)", "for i in range(10 ** 6) { x = x -> f }"),
        {"too-many-ops"},
    ),
    "stage of blocks passed on": (
        lambda: "block b(x; f) = x -> f -> f\n" + NET + "b(" * 40 + "relu" + ")" * 40,
        {"too-many-ops"},
    ),
    # --- definitions ---
    "blocks doubling": (
        lambda: (
            "block b0(x) = x -> relu\n"
            + "".join(f"block b{i}(x) = x -> b{i - 1} -> b{i - 1}\n" for i in range(1, 60))
            + NET
            + "b59"
        ),
        {"too-many-ops"},
    ),
    "blocks in a row": (
        lambda: (
            "block b0(x) = x -> relu\n"
            + "".join(f"block b{i}(x) = x -> b{i - 1}\n" for i in range(1, 5000))
            + NET
            + "b4999"
        ),
        {"recursion-too-deep"},
    ),
    "block calling itself": (lambda: "block b(x) = x -> b\n" + NET + "b", {"endless-recursion"}),
    "block calling itself with more": (
        lambda: "block b(x; n) = x -> b(n + 1)\n" + NET + "b(0)",
        {"recursion-too-deep"},
    ),
    "block calling itself with a longer list": (
        lambda: "block b(x; a) = x -> b(a + a + [1])\n" + NET + "b([])",
        {"list-too-long"},
    ),
    "block calling itself with its double": (
        lambda: "block b(x; f) = x -> b(f -> f)\n" + NET + "b(relu)",
        {"too-many-ops"},
    ),
    "block calling itself with a larger input": (
        lambda: "block b(x) = [x, x] -> concat -> b\n" + NET + "b",
        {"too-large"},
    ),
    "blocks calling each other": (
        lambda: "block a(x) = x -> b\nblock b(x) = x -> a\n" + NET + "a",
        {"endless-recursion"},
    ),
    "blocks calling each other with more": (
        lambda: "block a(x; n) = x -> b(n + 1)\nblock b(x; n) = x -> a(n + 1)\n" + NET + "a(0)",
        {"recursion-too-deep"},
    ),
    "block calling itself twice with more": (
        lambda: "block f(x; n) = x -> f(n + 1) -> f(n + 2)\n" + NET + "f(0)",
        {"recursion-too-deep"},
    ),
    "block calling itself twice with less": (
        lambda: (
            "block f(x; n) {\n if n < 2 { return x -> relu }\n return x -> f(n - 1) -> f(n - 2)\n}\n" + NET + "f(90)"
        ),
        {"too-many-ops"},
    ),
    "block whose default calls itself": (lambda: "block b(x; f = b()) = x -> f\n" + NET + "b", {"recursion-too-deep"}),
    "block with two recursive arguments": (
        lambda: (
            "block b(x; n, m) {\n if n == 0 { return x -> relu }\n "
            "return x -> b(n - 1, 2 * m) -> b(n - 1, 2 * m + 1)\n}\n" + NET + "b(60, 0)"
        ),
        {"too-many-evaluations"},
    ),
    "network calling itself": (lambda: NET + "net", {"endless-recursion"}),
    "variant of itself": (lambda: "network net = net(a = 1)\n", {"definition-cycle"}),
    "variants in a circle": (lambda: "block a = b(n = 1)\nblock b = a(n = 1)\n", {"definition-cycle"}),
    "variants in a row": (
        lambda: (
            "block a0(x; n) = x -> relu * n\n" + "".join(f"block a{i} = a{i - 1}(n = {i})\n" for i in range(1, 3000))
        ),
        {"no-network"},
    ),
    "constant of itself": (lambda: "a = a\n", {"definition-cycle"}),
    "function calling itself": (lambda: "fn f(n) = f(n)\na = f(0)", {"recursion-too-deep"}),
    "function calling itself with more": (lambda: "fn f(n) = 1 + f(n + 1)\na = f(0)", {"recursion-too-deep"}),
    "function calling itself twice": (
        lambda: "fn f(n) = 1 if n == 0 else f(n - 1) + f(n - 1)\na = f(60)",
        {"too-many-evaluations"},
    ),
    "function returning lists": (
        lambda: "fn f(n) = [] if n == 0 else [f(n - 1), f(n - 1)]\na = f(60)",
        {"too-many-evaluations"},
    ),
    "function passed to itself": (lambda: "fn f(g) = g(g)\na = f(f)", {"recursion-too-deep"}),
    "fractal of 30": (
        lambda: (
            "block columns(x; n) {\n if n == 1 { return [x -> conv(16, 3)] }\n"
            " return [x -> conv(16, 3)] + (x -> columns(n - 1) -> mean -> columns(n - 1))\n}\n"
            + NET
            + "columns(30) -> mean"
        ),
        {"too-many-ops"},
    ),
    # --- shapes ---
    "shape going to zero": (lambda: NET + "max_pool(2) * 10", {"empty-result"}),
    "shape below zero": (lambda: NET + "conv(16, 9, padding = 0)", {"empty-result"}),
    "input of size zero": (lambda: "network net(x: [0, 8, 8]) = x -> conv(1)", {"bad-input-size"}),
    "input of negative size": (lambda: "network net(x: [-3, 8, 8]) = x -> conv(1)", {"bad-input-size"}),
    "input of no axes": (lambda: "network net(x: []) = x -> relu", set()),
    "input of many axes": (lambda: "network net(x: [" + "1, " * 20_000 + "]) = x -> relu", set()),
    "input of text": (lambda: 'network net(x: ["a", relu, 1.5]) = x -> relu', {"bad-input-size"}),
    "network without inputs": (lambda: "network net() = learned([3]) -> relu", set()),
    "network of many outputs": (lambda: NET + "[id] * 100000", set()),
    "upsampled without end": (lambda: NET + "upsample(2) * 60", {"too-large"}),
    "negative padding": (lambda: NET + "pad(-9) -> crop(-9) -> conv(16, 3, padding = -9)", {"bad-argument"}),
    # --- decisions, labels, claims ---
    "many choices": (lambda: NET + "oneof([relu, sigmoid]) " + "-> oneof([relu, id]) " * 8000, set()),
    "choices in a cell called with more": (
        lambda: "cell c(x; n) = x -> oneof([relu, id]) -> c(n + 1)\n" + NET + "c(0)",
        {"recursion-too-deep"},
    ),
    "hostile labels": (
        lambda: body(*[f"x = x -> conv(16) as {label}" for label in ('"../a"', '"a.b."', '""', '"a\\nb"', "forward")]),
        {"bad-label"},
    ),
    "python words as labels": (
        lambda: body(*[f'x = x -> conv(16) as "{w}"' for w in ("class", "self", "a.0", "__init__")]),
        set(),
    ),
    "label as prefix of a label": (
        lambda: body("x = x -> conv(16) as a", 'x = x -> conv(16) as "a.b"'),
        {"duplicate-label"},
    ),
    "long label": (lambda: body('x = x -> conv(16) as "' + "a" * 100_000 + '"'), {"bad-label"}),
    "weird claims": (
        lambda: (
            "@expect(3, params = -1, macs = 'one', depth = [1], paths = approx(), flops = approx(1, 2, 3), ops = x)\n"
            "@expect(params = approx(4.1G, 5%), macs = approx(4.1G, -3), depth = approx(3, 900%), buffers = -x)\n"
            + NET
            + "relu"
        ),
        {"bad-expectation", "expect-mismatch", "unknown-metric"},
    ),
    "claims of long numbers": (
        lambda: "@expect(params = " + "9" * 5000 + ", macs = 1." + "0" * 5000 + ")\n" + NET + "relu",
        {"bad-number"},
    ),
    # --- imports ---
    "import of nothing": (lambda: "import nowhere.at.all: a\n" + NET + "a", {"unknown-file"}),
    "import of a path": (lambda: "import ..etc.passwd: a\nimport .: b\nimport std.: c\n" + NET + "a", {"bad-import"}),
    "import of everything": (lambda: "import std: *\n" + NET + "cbr(16)", {"bad-import"}),
    "import of the library 5,000 times": (
        lambda: "".join(f"import std as s{i}\n" for i in range(5000)),
        {"no-network"},
    ),
}

# Those that take more than a second.
LONG = {
    "one hundred thousand definitions",
    "twenty thousand unknown names",
    "unfit shapes in a long loop",
    "unused tensors in a long loop",
    "unknown names in many functions",
    "many networks out of budget",
    "deep elif",
    "range of 10**12 listed",
    "list of 100,000",
    "list grown in a loop",
    "comprehension of 10**12",
    "comprehensions in comprehensions",
    "relu a million times",
    "relu 200,000 times",
    "fan-out of 100,000",
    "tensor sum of 40,000",
    "shared stage many times",
    "block calling itself with a longer list",
    "block calling itself with its double",
    "block with two recursive arguments",
    "function calling itself twice",
    "function returning lists",
    "many choices",
}
