"""Runs the command line as `python -m archdsl`."""

from archdsl.cli import main

main()
