"""Finds the weights and depths that suit a set: `tuner.tune`."""
