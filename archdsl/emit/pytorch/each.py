"""Holds the PyTorch source that folds an axis into the batch: what `each` becomes."""

from __future__ import annotations

from archdsl.emit.pytorch.designs import SpaceGraph
from archdsl.ir.graph import Node
from archdsl.ops.torch_form import Helper


def applied_to_each(node: Node) -> Helper:
    """What applies the module of such a node; a design, which some modules of spaces take last, is no sequence."""
    several, asks = len(node.types) != 1, isinstance(node.target, SpaceGraph) and node.target.asks
    name = "each" + "_of_several" * several + "_by_design" * asks
    taken = "stage: nn.Module, *operands: Tensor" + ", design: Design" * asks
    if several and asks:  # as ruff breaks it
        taken = f"\n    {taken}\n"
    made = "stage(*folded, design)" if asks else "stage(*folded)"
    result = f"tuple(x.unflatten(0, shape) for x in {made})" if several else f"{made}.unflatten(0, shape)"
    return Helper(
        name,
        f'''def {name}({taken}) -> {"tuple[Tensor, ...]" if several else "Tensor"}:
    """Apply a module to every element along the axis behind the batch."""
    shape = max(len(x) for x in operands), operands[0].shape[1]
    folded = (x.expand(*shape, *x.shape[2:]).flatten(0, 1) for x in operands)
    return {result}
''',
    )
