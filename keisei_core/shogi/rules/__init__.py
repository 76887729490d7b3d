"""The rules as kernels over flat arrays. They check nothing: the facades of the package above do."""
