"""Benchmarks: each module measures archdsl beside a peer in the same run, and reports ratios."""
