"""Tests of supernets."""
