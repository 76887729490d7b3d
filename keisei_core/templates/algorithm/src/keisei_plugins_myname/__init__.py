"""An algorithm for Keisei: advantage actor-critic over one ply."""
