"""Metrics of a run as TensorBoard shows them."""
