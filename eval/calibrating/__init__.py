"""Fits the confidence on finished runs: `fit.calibrate`."""
