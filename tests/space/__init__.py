"""Tests of search spaces: what an independent reference says of random ones."""
