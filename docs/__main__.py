"""Writes the generated pages of this folder anew: ops, standard library, zoo, advice, JSON, and the pictures."""

from __future__ import annotations

from pathlib import Path

from archdsl import load, std_reference, synonyms_reference, zoo, zoo_spaces
from archdsl.emit import ops_reference
from archdsl.files import write
from archdsl.lint import reference
from archdsl.schemas import outputs
from docs import figure_options, gallery

HERE = Path(__file__).parent

if __name__ == "__main__":
    write(HERE / "ops.md", ops_reference.reference())
    write(HERE / "std.md", std_reference.reference())
    write(HERE / "synonyms.md", synonyms_reference.reference())
    write(HERE / "lint.md", reference.reference())
    write(HERE / "json.md", outputs.page())
    entries = list(zoo.entries())
    write(HERE / "zoo.md", zoo.markdown(entries, "pictures/zoo.svg"))
    write(HERE / "spaces-zoo.md", zoo_spaces.markdown(list(zoo_spaces.entries())))
    (HERE / "pictures").mkdir(exist_ok=True)
    write(HERE / "pictures" / "zoo.svg", zoo.plot(entries, "svg"))
    write(HERE / "pictures" / "resnet50.svg", load("resnet50").draw())
    for name, pictured in (("pictures.md", figure_options), ("gallery.md", gallery)):
        write(HERE / name, pictured.page())
        (HERE / pictured.PICTURES).mkdir(exist_ok=True)
        for file, picture in pictured.pictures():
            write(HERE / pictured.PICTURES / file, picture)
    write(HERE / "pictures" / "plots.svg", load("efficientnet_b0").plot())
