"""A distribution backend for Keisei: processes that torchrun started."""
