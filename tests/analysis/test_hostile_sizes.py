"""Constants of any size in specs: memory and time of `sizes` and of fields do not grow with them."""

from __future__ import annotations

import resource
import time

import pytest

import archdsl
from archdsl.analysis.receptive_field import receptive_field
from archdsl.diagnostics.model import ArchError
from archdsl.emit.sizes_table import text

SPECS = [
    "(x: [3, 32, 32]) = x -> conv(4, 3) if x.height == 100_000_000_000_000 else x -> relu",
    "(x: [3, 32, 32]) = x -> conv(4, 3) if x.height == 1_073_741_824 else x -> relu",
    "(x: [3, 32, 32]) = x -> conv(4, 3) if x.height == 70_000 else x -> relu",
    "(x: [3, 32, 32]) = x -> conv(4, 3) if x.height < 1_073_741_825 else x -> relu",
    "(x: [3, 32, 32]) = x -> conv(4, 3) if x.height * x.width == 1_000_000_007_000_000_009 else x -> relu",
    "(x: [3, 32, 32]) = x -> conv(4, 3) if x.height * x.width == 4_294_967_296 else x -> relu",
    "(x: [3, 32, 32]) = x -> conv(4, 3) if x.height % 60_013 + x.width % 60_017 > 100_000 else x -> relu",
    "(x: [3, 32, 32]) = (x -> conv(4, 3, 65_521)) + (x -> conv(4, 3, 65_519))",
    "(x: [3, 32, 32]) = x -> pad(1_000_000_000) -> conv(4, 3, 99_999)",
    "(x: [3, 32, 32]) = x -> slice(0, 31, 1_000_000_000_000, axis = 1)",
    "(x: [3, 32, 32]) = x -> adaptive_avg_pool(1_048_573)",
    "(x: [3, 32, 32]) = x -> conv_transpose(3, 2, 100_000_000)",
    "(x: [3, 32, 32]) = x -> conv_transpose(3, 1, 4096) -> conv(3, 4095)",
    "(x: [3, 32, 32]) = x -> conv_transpose(3, 2, 4093) -> conv_transpose(3, 1, 4091)",
    "(x: [3, 32, 32]) = x -> conv(4, 3, dilation = 1_000_000_000_000, padding = 1_000_000_000_000)",
    "(x: [3, 1_000_000_000, 2]) = x -> upsample(1.5)",
    '(x: [3, 999_999, 2]) = x -> upsample(0.7, mode = "bilinear") -> upsample(1.3, mode = "bilinear")',
]


@pytest.mark.parametrize("spec", SPECS)
def test_memory_and_time_do_not_grow_with_constants(spec: str) -> None:
    start = time.process_time()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        network = archdsl.loads(f"arch 1\nnetwork n{spec}\n")
        assert text(network.sizes(), [], None, network.source_name)
        receptive_field(network.graph)
    except ArchError:
        pass  # a size beyond the limits, told with its line
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB above what ever was needed
    assert time.process_time() - start < 5  # a second, where nothing else runs


def test_a_range_beyond_what_can_be_told_is_refused() -> None:
    network = archdsl.loads("arch 1\nnetwork n(x: [3, 32, 32]) = x -> upsample(0.7)\n")
    with pytest.raises(ValueError, match="sizes up to 65,536 can be tried"):
        network.sizes((100_000, 100_010))
